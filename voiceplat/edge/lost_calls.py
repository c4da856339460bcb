"""Hanging up on those who talked to somebody who is gone.

Kamailio files each call under its worker's address (dialog profile `worker`) and under
its browser's (`connection`).
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, Literal

from voiceplat.edge.control import RpcRefused

_CONFIRMED: Final = (3, 4)
"""Kamailio's dialog states: answered, and answered and acknowledged."""

Rpc = Callable[..., Awaitable[Any]]


async def end_calls_of(
    who: Literal["worker", "connection"], address: str, rpc: Rpc
) -> int:
    """BYE for answered calls, CANCEL for ringing ones; returns how many there were.

    Raises Unavailable when Kamailio is away.
    """
    calls = await rpc("dlg.profile_list", who, address) or []
    for call in calls:
        with suppress(RpcRefused):  # it ended by itself meanwhile
            if call["state"] in _CONFIRMED:
                await rpc("dlg.end_dlg", call["h_entry"], call["h_id"])
            else:
                await rpc("tm.cancel", call["call-id"], call["caller"]["cseq"])
    return len(calls)
