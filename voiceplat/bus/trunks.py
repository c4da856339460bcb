"""How the trunks are, as the edge sees them: for operators, never for routing.

The edge passes over a trunk that is down or full by itself.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from pydantic import BaseModel, ConfigDict

from voiceplat.bus import keys
from voiceplat.bus.connection import Wire


class TrunkHealth(StrEnum):
    UP = "up"
    """Calls are sent to it: it answers OPTIONS, or was not asked yet."""
    DOWN = "down"
    """It does not answer, or its name has no address."""
    UNKNOWN = "unknown"
    """No edge has told lately."""


class TrunkState(BaseModel):
    model_config = ConfigDict(frozen=True)

    health: TrunkHealth = TrunkHealth.UNKNOWN
    since: datetime | None = None
    calls: int = 0
    """Out over it now, ringing or answered."""
    last_failure: str = ""
    """`503 Service Unavailable`, `no answer`, `at its limit`."""
    failed_at: datetime | None = None


UNKNOWN: Final = TrunkState()


class Trunks:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def tell(
        self, states: Mapping[int, TrunkState], *, good_for: timedelta
    ) -> None:
        """Replace what was told before; it is forgotten after `good_for`."""
        flat = [
            part
            for trunk, state in states.items()
            for part in (trunk, state.model_dump_json())
        ]
        fill: tuple[tuple[str | int, ...], ...] = ()
        if flat:
            lasting_ms = round(good_for.total_seconds() * 1000)
            fill = (
                ("HSET", keys.TRUNK_STATES, *flat),
                ("PEXPIRE", keys.TRUNK_STATES, lasting_ms),
            )
        await self._wire.all_of(("DEL", keys.TRUNK_STATES), *fill)

    async def states(self) -> dict[int, TrunkState]:
        """By trunk id; a trunk that no edge speaks of is not there."""
        told = await self._wire.ask("HGETALL", keys.TRUNK_STATES)
        return {
            int(trunk): TrunkState.model_validate_json(text)
            for trunk, text in told.items()
        }
