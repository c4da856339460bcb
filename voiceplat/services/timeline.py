"""A call's whole timeline, from the bus and the database."""

import structlog

from voiceplat.bus.bus import Bus
from voiceplat.calls.timeline import MOMENT, Moment
from voiceplat.core.errors import Unavailable
from voiceplat.core.ids import CallUuid
from voiceplat.db.engine import Database
from voiceplat.db.repositories import TimelineRepository

log = structlog.get_logger()


async def timeline_of(
    db: Database, bus: Bus, uuid: CallUuid
) -> list[tuple[str, Moment]]:
    """All moments with their ids on the bus, by time.

    Whoever follows the bus from here on begins after the greatest id (`last_id`), which
    need not be the last moment's. Raises Unavailable when the database is away.
    """
    async with db.reading() as tx:
        moments = await TimelineRepository(tx).get(uuid)
    try:
        moments |= dict(await bus.timelines.raw(uuid))
    except Unavailable as error:
        log.info("timeline_from_database_only", why=str(error))
    found = [(id_, MOMENT.validate_json(text)) for id_, text in moments.items()]
    return sorted(found, key=lambda it: (it[1].at, _order(it[0])))


def last_id(moments: list[tuple[str, Moment]]) -> str:
    """The id that was given last; of none the one before the first."""
    return max((id_ for id_, _ in moments), key=_order, default="0-0")


def _order(id_: str) -> tuple[int, int]:
    milliseconds, _, number = id_.partition("-")
    return int(milliseconds), int(number)
