"""Legs that workers have free for the calls of others.

Workers say how many again and again, together with their slots. Whoever borrows one
leaves a message in that worker's inbox; a leg that was borrowed and not used is on
offer again as soon as its worker speaks the next time.
"""

from collections.abc import Collection

from voiceplat.bus import keys
from voiceplat.bus.commands import LegWanted
from voiceplat.bus.connection import Wire
from voiceplat.core.ids import WorkerAddress


class SpareLegs:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._borrow_leg = wire.script("borrow_leg")

    async def borrow(
        self, wanted: LegWanted, not_from: Collection[WorkerAddress]
    ) -> WorkerAddress | None:
        """Ask a worker to dial; which one, or None when nobody has a leg free."""
        told = wanted.model_dump_json()
        asked = await self._borrow_leg([keys.LEGS], [told, keys.inbox(""), *not_from])
        return WorkerAddress(asked) if asked else None

    async def take_back(self, wanted: LegWanted, worker: WorkerAddress) -> None:
        """What lies in its inbox still need not be done."""
        await self._wire.ask("LREM", keys.inbox(worker), 1, wanted.model_dump_json())

    async def free(self, worker: WorkerAddress) -> int:
        return int(await self._wire.ask("ZSCORE", keys.LEGS, worker) or 0)
