"""How much there is of everything: for those who watch the platform, not for calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from voiceplat.bus import keys
from voiceplat.bus.connection import Wire
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.core.ids import WorkerAddress


@dataclass(frozen=True, slots=True)
class Queued:
    calls: int
    longest: timedelta
    """How long the call that waits longest has waited."""


@dataclass(frozen=True, slots=True)
class Held:
    """Of some workers together."""

    slots_free: int
    legs_free: int
    calls: dict[tuple[CallStatus, Direction], int]


class Census:
    def __init__(self, wire: Wire) -> None:
        self._queued = wire.script("count_queued")
        self._held = wire.script("count_held")

    async def queued(self) -> Queued:
        """What waits in the queues of all accounts."""
        calls, longest_ms = await self._queued(
            [keys.QUEUES], [keys.queue(""), keys.call("")]
        )
        return Queued(calls, timedelta(milliseconds=longest_ms))

    async def held(self, workers: Sequence[WorkerAddress]) -> Held:
        slots, legs, *calls = await self._held(
            [keys.SLOTS, keys.SLOTS_MOST, keys.LEGS],
            [keys.worker(""), keys.call(""), *workers],
        )
        return Held(
            slots,
            legs,
            {
                (CallStatus(status), Direction(direction)): count
                for status, direction, count in zip(
                    calls[::3], calls[1::3], calls[2::3], strict=True
                )
            },
        )
