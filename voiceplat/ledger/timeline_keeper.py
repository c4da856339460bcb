"""Brings timelines into the database when their calls are over and nothing comes.

Late moments (a callback that was repeated, a recording that became ready) give a
timeline another turn: they are added to what is there.
"""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from voiceplat.bus.bus import Bus
from voiceplat.bus.timelines import Quiet
from voiceplat.core.errors import Unavailable
from voiceplat.core.settings import Settings
from voiceplat.db.engine import Database
from voiceplat.db.repositories import TimelineRepository

log = structlog.get_logger()

BATCH: Final = 50
LOOKS: Final = 10
"""How often it looks within the time in which a timeline must be quiet."""


class TimelineKeeper:
    def __init__(self, bus: Bus, db: Database, settings: Settings) -> None:
        self._bus = bus
        self._db = db
        self._kept_days = settings.timeline.kept_days
        self._live_kept = timedelta(seconds=settings.timeline.live_kept_s)
        self._quiet = self._live_kept / 2

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            more = False
            try:
                more = await self.look()
            except Unavailable as error:
                log.warning("timelines_not_kept", why=str(error))
            except Exception:  # an aid must not end the ledger
                log.exception("timelines_not_kept")
            if not more:
                await asyncio.sleep(self._quiet.total_seconds() / LOOKS)

    async def look(self) -> bool:
        """Whether there may be more. Raises Unavailable."""
        found = await self._bus.timelines.quiet(self._quiet, BATCH)
        for quiet in found:
            try:
                await self._keep(quiet)
            except Unavailable:
                raise
            except Exception:  # one timeline must not stop the rest
                log.exception("timeline_not_kept", call_uuid=quiet.uuid)
        return len(found) == BATCH

    async def _keep(self, quiet: Quiet) -> None:
        uuid, timelines = quiet.uuid, self._bus.timelines
        if self._kept_days == 0:
            await timelines.settle(quiet)
        elif await self._bus.live.get(uuid) is not None:
            await timelines.keep(uuid, self._live_kept)
        elif moments := dict(await timelines.raw(uuid)):
            async with self._db.transaction() as tx:
                repository = TimelineRepository(tx)
                owner = await repository.owner(uuid)
                if owner is None:  # its end is still on its way into the database
                    return
                await repository.add(uuid, owner, moments)
            await timelines.settle(quiet)
        else:
            await timelines.settle(quiet)
