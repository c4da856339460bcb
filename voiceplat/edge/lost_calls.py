"""Hanging up on those who talked to somebody who is gone.

Kamailio files each call under its worker's address (dialog profile `worker`) and under
its browser's (`connection`).
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from voiceplat.core.errors import Unavailable
from voiceplat.edge.control import RpcRefused

_RINGS: Final = 2
_CONFIRMED: Final = (3, 4)
"""Kamailio's dialog states: answered, and answered and acknowledged."""
_DIED: Final = (500, "Server Internal Error")
_LOOK_AGAIN_S: Final = 0.25
CANCELLED_WITHIN_S: Final = 32.0
"""For as long as a CANCEL is repeated (RFC 3261, timer F)."""

Rpc = Callable[..., Awaitable[Any]]
Dialog = Mapping[str, Any]
"""As `dlg.profile_list` tells of it."""
DialogId = tuple[int, int]


class Invite(NamedTuple):
    call_id: str
    cseq: str


@dataclass(slots=True)
class Ended:
    count: int = 0
    cancelled: dict[DialogId, Invite] = field(default_factory=dict)
    """Those whom a worker has called and who may answer all the same."""


async def end_calls_of(
    who: Literal["worker", "connection"],
    address: str,
    rpc: Rpc,
    forget: Callable[[str], Awaitable[None]],
    private: str,
) -> Ended:
    """BYE for answered calls; for others CANCEL to whom they ring, 500 to who calls.

    A worker calls from `private`, as `udp:HOST:PORT` of ours.
    `forget` is told the Call-ID whose media is not needed any more: Kamailio would wait
    for as long as a phone may ring. Raises Unavailable when Kamailio is away.
    """
    ended = Ended()
    for call in await rpc("dlg.profile_list", who, address) or []:
        ended.count += 1
        with suppress(RpcRefused):  # it ended by itself meanwhile
            if call["state"] in _CONFIRMED:
                await _hang_up(call, rpc)
                continue
            invite = Invite(call["call-id"], call["caller"]["cseq"])
            is_callers = who == "worker" and call["caller"]["socket"] == private
            if is_callers and call["state"] == _RINGS:
                await rpc("tm.cancel", *invite)
                ended.cancelled[_id(call)] = invite
            else:
                await _refuse(invite, rpc)
            with suppress(Unavailable):  # a relay that is away has forgotten all
                await forget(invite.call_id)
    return ended


async def end_crossed(
    worker: str, cancelled: Mapping[DialogId, Invite], rpc: Rpc
) -> None:
    """BYE for who answers while the CANCEL is on its way (RFC 3261, 9.1).

    Nobody else would: its caller is dead, so it would repeat its answer for 32 s and
    hear nothing. Returns when none of them can answer any more. Raises Unavailable.
    """
    left = dict(cancelled)
    with suppress(TimeoutError):
        async with asyncio.timeout(CANCELLED_WITHIN_S):
            while left:
                await asyncio.sleep(_LOOK_AGAIN_S)
                calls = await rpc("dlg.profile_list", "worker", worker) or []
                for gone in left.keys() - {_id(call) for call in calls}:
                    del left[gone]
                for call in calls:
                    if call["state"] in _CONFIRMED and _id(call) in left:
                        del left[_id(call)]
                        with suppress(RpcRefused):  # it has hung up
                            await _hang_up(call, rpc)
    for invite in left.values():  # else the next trunk would be tried
        with suppress(RpcRefused):
            await _refuse(invite, rpc)


def _id(call: Dialog) -> DialogId:
    return call["h_entry"], call["h_id"]


async def _hang_up(call: Dialog, rpc: Rpc) -> None:
    await rpc("dlg.end_dlg", *_id(call))


async def _refuse(invite: Invite, rpc: Rpc) -> None:
    await rpc("tm.reply_callid", *_DIED, *invite, secrets.token_hex(8))
