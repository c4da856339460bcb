"""Free slots: one for each A leg that some worker can take.

Whoever starts a call takes the slot of lowest score: the dispatcher for outbound calls,
Kamailio (`ZPOPMIN`) for inbound ones. Workers say again and again what is free, so a
slot that was taken for nothing comes back by itself.
"""

from collections import Counter
from dataclasses import dataclass

from voiceplat.bus import keys
from voiceplat.bus.connection import Wire
from voiceplat.core.ids import WorkerAddress


@dataclass(frozen=True, slots=True)
class Room:
    """What a worker has: free slots, and the most it ever offered."""

    free: int
    most: int


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

    async def by_worker(self) -> dict[WorkerAddress, Room]:
        """Of every worker that has offered a slot and was not withdrawn."""
        free, most = await self._wire.all_of(
            ("ZRANGE", keys.SLOTS, 0, -1), ("HGETALL", keys.SLOTS_MOST)
        )
        offered = Counter(slot.rpartition("#")[0] for slot in free)
        return {
            WorkerAddress(worker): Room(offered[worker], int(slots))
            for worker, slots in most.items()
        }
