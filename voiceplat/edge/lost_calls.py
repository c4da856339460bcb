"""Hanging up on those who talked to somebody who is gone.

Kamailio files each call under its worker's address (dialog profile `worker`) and under
its browser's (`connection`).
"""

import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, Literal

from voiceplat.core.errors import Unavailable
from voiceplat.edge.control import RpcRefused

_CONFIRMED: Final = (3, 4)
"""Kamailio's dialog states: answered, and answered and acknowledged."""
_DIED: Final = (500, "Server Internal Error")

Rpc = Callable[..., Awaitable[Any]]


async def end_calls_of(
    who: Literal["worker", "connection"],
    address: str,
    rpc: Rpc,
    forget: Callable[[str], Awaitable[None]],
) -> int:
    """BYE for answered calls; returns how many calls there were.

    For others CANCEL goes to whom they ring, 500 to who calls, and `forget` is told
    the Call-ID whose media is not needed any more: Kamailio would wait for as long as
    a phone may ring. Raises Unavailable when Kamailio is away.
    """
    calls = await rpc("dlg.profile_list", who, address) or []
    for call in calls:
        with suppress(RpcRefused):  # it ended by itself meanwhile
            if call["state"] in _CONFIRMED:
                await rpc("dlg.end_dlg", call["h_entry"], call["h_id"])
            else:
                ours = (call["call-id"], call["caller"]["cseq"])
                await rpc("tm.reply_callid", *_DIED, *ours, secrets.token_hex(8))
                with suppress(Unavailable):  # a relay that is away has forgotten all
                    await forget(call["call-id"])
    return len(calls)
