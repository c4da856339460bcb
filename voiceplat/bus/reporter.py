"""What a worker tells the bus about its calls: in order, and never lost.

Reports leave the call's own path: a call does not wait for Redis to be answered, and a
Redis that restarts costs it nothing. They are repeated until Redis has them.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

import structlog

from voiceplat.core.errors import Unavailable

log = structlog.get_logger()

Report = Callable[[], Awaitable[object]]
AGAIN_AFTER: Final = timedelta(milliseconds=200)


class Reporter:
    def __init__(self) -> None:
        self._reports: asyncio.Queue[Report] = asyncio.Queue()

    def tell(self, report: Report) -> None:
        """Send `report` after all that were told before it."""
        self._reports.put_nowait(report)

    async def flushed(self) -> None:
        """Returns when everything told so far has arrived."""
        await self._reports.join()

    async def run(self) -> None:
        while True:
            report = await self._reports.get()
            try:
                await self._until_arrived(report)
            finally:
                self._reports.task_done()

    async def _until_arrived(self, report: Report) -> None:
        while True:
            try:
                await report()
            except Unavailable as error:
                log.warning("report_waits", why=str(error))
                await asyncio.sleep(AGAIN_AFTER.total_seconds())
            else:
                return
