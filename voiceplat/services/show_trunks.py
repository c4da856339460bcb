"""Trunks as operators see them: what was set, and how the edge finds them now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from voiceplat.bus.bus import Bus
from voiceplat.bus.trunks import UNKNOWN, TrunkState
from voiceplat.core.errors import Unavailable
from voiceplat.db.models import Trunk


@dataclass(frozen=True, slots=True)
class TrunkView:
    trunk: Trunk
    state: TrunkState

    def settings(self) -> dict[str, Any]:
        row = self.trunk
        return {
            "id": row.id,
            "name": row.name,
            "host": row.host,
            "port": row.port,
            "from_ips": row.from_ips,
            "prefixes": row.prefixes,
            "priority": row.priority,
            "weight": row.weight,
            "calls_per_second": row.calls_per_second,
            "calls_max": row.calls_max,
            "number_format": row.number_format,
            "dial_prefix": row.dial_prefix,
            "trusted": row.trusted,
            "account": row.account_id,
        }

    def health(self) -> dict[str, Any]:
        told = self.state
        return {
            "state": told.health,
            "since": _text(told.since),
            "calls": told.calls,
            "last_failure": told.last_failure or None,
            "failed_at": _text(told.failed_at),
        }


async def show_trunks(bus: Bus, trunks: Sequence[Trunk]) -> list[TrunkView]:
    """With Redis away their state is unknown, and no error."""
    try:
        states = await bus.trunks.states()
    except Unavailable:
        states = {}
    return [TrunkView(trunk, states.get(trunk.id, UNKNOWN)) for trunk in trunks]


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
