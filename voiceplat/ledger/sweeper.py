"""Forgets callbacks that were settled long ago, so that the outbox stays small."""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from voiceplat.core.clock import utc_now
from voiceplat.core.errors import Unavailable
from voiceplat.core.settings import WebhookSettings
from voiceplat.db.engine import Database
from voiceplat.db.repositories import CallbackRepository

log = structlog.get_logger()

SWEEP_EVERY: Final = timedelta(hours=1)


class Sweeper:
    def __init__(self, db: Database, settings: WebhookSettings) -> None:
        self._db = db
        self._kept = timedelta(days=settings.settled_kept_days)

    async def run(self) -> None:
        """Sweep at once and every hour, until cancelled."""
        while True:
            try:
                await self.sweep()
            except Unavailable as error:
                log.warning("outbox_not_swept", why=str(error))
            await asyncio.sleep(SWEEP_EVERY.total_seconds())

    async def sweep(self) -> None:
        """Raises Unavailable when the database is away."""
        async with self._db.transaction() as tx:
            await CallbackRepository(tx).purge(utc_now() - self._kept)
