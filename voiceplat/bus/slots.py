"""Free slots: one for each A leg that some worker can take.

Whoever starts a call takes the slot of lowest score: the dispatcher for outbound calls,
Kamailio (`ZPOPMIN`) for inbound ones. Workers say again and again what is free, so a
slot that was taken for nothing comes back by itself.
"""

from voiceplat.bus import keys
from voiceplat.bus.connection import Wire


class Slots:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._announce = wire.script("announce")
        self._withdraw = wire.script("withdraw")

    async def announce(self, worker: str, free: int, busy: int, legs: int = 0) -> int:
        """Offer exactly `free` slots; busier workers are filled first.

        `legs` of its legs are free for calls of other workers (`bus/legs.py`). A job
        is the worker's business once it left its inbox; those that lie there are
        subtracted here.
        Returns how many slots are on offer.
        """
        reply = await self._announce(
            [
                keys.SLOTS,
                keys.SLOTS_MOST,
                keys.worker(worker),
                keys.QUEUES,
                keys.inbox(worker),
                keys.LEGS,
            ],
            [worker, free, busy, keys.WAKE, keys.call(""), legs],
        )
        return int(reply)

    async def withdraw(self, worker: str) -> None:
        """Offer nothing any more: the worker drains or is dead."""
        await self._withdraw([keys.SLOTS, keys.SLOTS_MOST, keys.LEGS], [worker])

    async def count(self) -> int:
        return int(await self._wire.ask("ZCARD", keys.SLOTS))
