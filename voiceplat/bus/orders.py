"""Orders whose answer may be lost: the same order, repeated, gets the same uuids.

What uses those uuids does a thing once however often it is asked (`Queue.enqueue`). An
order is remembered while it is carried out and, if its answer did not reach the client,
for a while after; one that was answered is forgotten, so the next is a new one.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from voiceplat.bus import keys
from voiceplat.bus.connection import Wire
from voiceplat.core.ids import AuthId, CallUuid

DEAD_AFTER_S: Final = 3.0
"""Whoever has carried out an order for this long has died over it."""
LOOK_AGAIN_S: Final = 0.02
_RUNNING: Final = 1


@dataclass(frozen=True, slots=True)
class Order:
    """What an account asks for, word for word, and in which request."""

    account: AuthId
    sent: Mapping[str, object]
    owner: str
    """The request's api_id."""
    window: timedelta

    @property
    def key(self) -> str:
        text = json.dumps(self.sent, sort_keys=True, default=str)
        return keys.order(self.account, hashlib.sha256(text.encode()).hexdigest())

    @property
    def window_ms(self) -> int:
        return round(self.window.total_seconds() * 1000)


class Orders:
    def __init__(self, wire: Wire, *, dead_after_s: float = DEAD_AFTER_S) -> None:
        self._dead_after_s = dead_after_s
        self._claim = wire.script("claim_order")
        self._settle = wire.script("settle_order")

    async def claim(self, order: Order, uuids: Sequence[CallUuid]) -> list[CallUuid]:
        """The uuids to carry it out with: these, or those of a lost answer.

        Waits while another request carries out the same order: if that is answered,
        this one is a second order.
        """
        loop = asyncio.get_running_loop()
        waits_for, since = "", loop.time()
        while True:
            late = loop.time() - since > self._dead_after_s
            dead = waits_for if late else ""
            state, text = await self._claim(
                [order.key], [order.owner, json.dumps(uuids), order.window_ms, dead]
            )
            if state != _RUNNING:
                return [CallUuid(uuid) for uuid in json.loads(text)]
            if text != waits_for:
                waits_for, since = text, loop.time()
            await asyncio.sleep(LOOK_AGAIN_S)

    async def settle(self, order: Order, *, answered: bool) -> None:
        """The client has the answer, or may repeat the order because it has not."""
        outcome = "answered" if answered else "lost"
        await self._settle([order.key], [order.owner, outcome, order.window_ms])
