"""Forgets what has had its time: settled callbacks, timelines, recordings, files.

A recording is hidden first, in the database; then its file goes, whenever the storage
is there. So nothing is listed that cannot be fetched, and no file is forgotten.
"""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from voiceplat.core.clock import utc_now
from voiceplat.core.errors import Unavailable
from voiceplat.core.ids import RecordingId
from voiceplat.core.settings import Settings
from voiceplat.db.engine import Database
from voiceplat.db.models import KeptRecording
from voiceplat.db.repositories import (
    CallbackRepository,
    RecordingRepository,
    TimelineRepository,
)
from voiceplat.recordings.store import Store
from voiceplat.services.recording_files import delete_file

log = structlog.get_logger()

SWEEP_EVERY: Final = timedelta(hours=1)
REMEMBERED: Final = timedelta(days=30)
"""How long the row of a deleted recording stays: longer than anything repeats it."""
BATCH: Final = 100


class Sweeper:
    def __init__(self, db: Database, store: Store, settings: Settings) -> None:
        self._db = db
        self._store = store
        self._settled_kept = timedelta(days=settings.webhooks.settled_kept_days)
        self._kept_days = settings.recordings.kept_days
        self._timelines_kept = timedelta(days=settings.timeline.kept_days)

    async def run(self) -> None:
        """Sweep at once and every hour, until cancelled."""
        while True:
            try:
                await self.sweep()
            except Unavailable as error:
                log.warning("not_swept", why=str(error))
            await asyncio.sleep(SWEEP_EVERY.total_seconds())

    async def sweep(self) -> None:
        """Raises Unavailable when the database is away; a storage may be."""
        now = utc_now()
        async with self._db.transaction() as tx:
            await CallbackRepository(tx).purge(now - self._settled_kept)
            await RecordingRepository(tx).purge(now - REMEMBERED)
            await TimelineRepository(tx).purge(now - self._timelines_kept)
        await self._hide_overdue()
        await self._delete_files()

    async def _hide_overdue(self) -> None:
        while True:
            now = utc_now()
            async with self._db.transaction() as tx:
                recordings = RecordingRepository(tx)
                ids = await recordings.overdue(now, self._kept_days, BATCH)
                await recordings.hide(ids, now)
            if not ids:
                return
            log.info("recordings_expired", count=len(ids))

    async def _delete_files(self) -> None:
        """Each once; what could not be deleted has its next turn in the next sweep."""
        last = RecordingId("")
        while rows := await self._next_deleted(last):
            for row in rows:
                try:
                    await delete_file(self._db, self._store, row)
                except Unavailable as error:
                    log.warning("file_not_deleted", recording=row.id, why=str(error))
                except Exception:  # one recording must not stop the rest
                    log.exception("file_not_deleted", recording=row.id)
            last = rows[-1].id

    async def _next_deleted(self, after: RecordingId) -> list[KeptRecording]:
        async with self._db.reading() as tx:
            return await RecordingRepository(tx).with_files_to_delete(after, BATCH)
