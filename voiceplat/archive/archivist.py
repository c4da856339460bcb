"""Who takes recordings out of this host's spool: each as soon as it is over.

Recordings of one call go one after another, in the order in which they ended; those of
several calls side by side.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import structlog

from voiceplat.bus.connection import Patience
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import VoiceplatError
from voiceplat.core.ids import RecordingId
from voiceplat.metrics.archive import ArchiveFigures
from voiceplat.recordings.spool import FinishedTake, Spool

log = structlog.get_logger()

AT_ONCE: Final = 8
"""Takes under way; most of their time is the store's."""
LONGEST_WAIT_S: Final = 5.0
LAST_WORDS_S: Final = 5.0

Archive = Callable[[FinishedTake], Awaitable[None]]


class Archivist:
    def __init__(
        self,
        spool: Spool,
        archive: Archive,
        *,
        look_every_s: float,
        figures: ArchiveFigures | None = None,
    ) -> None:
        self._figures = figures or ArchiveFigures()
        self._spool = spool
        self._archive = archive
        self._look_every_s = look_every_s
        self._woken = asyncio.Event()
        self._under_way: dict[RecordingId, asyncio.Task[None]] = {}
        self._calls: set[str] = set()
        self._waiting: list[FinishedTake] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; what has ended by then is given a few seconds more."""
        bell = self._spool.open_bell()
        loop = asyncio.get_running_loop()
        loop.add_reader(bell, self._heard, bell)
        self._spool.sweep()
        try:
            await self._serve(stop)
        finally:
            loop.remove_reader(bell)
            os.close(bell)
            for task in self._under_way.values():
                task.cancel()
            await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def _serve(self, stop: asyncio.Event) -> None:
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._woken.set())
        try:
            while not stop.is_set():
                self._woken.clear()
                self._begin_what_is_over()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._look_every_s):
                        await self._woken.wait()
        finally:
            stopping.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                while self._under_way or self._begin_what_is_over():
                    await asyncio.wait(set(self._under_way.values()))

    def _heard(self, bell: int) -> None:
        with suppress(BlockingIOError):
            os.read(bell, 4096)
        self._woken.set()

    def _begin_what_is_over(self) -> bool:
        """Whether anything is under way."""
        known = {*self._under_way, *(take.id for take in self._waiting)}
        self._waiting.extend(self._spool.finished(but=frozenset(known)))
        for take in list(self._waiting):
            if len(self._under_way) >= AT_ONCE:
                break
            if (call := take.call) not in self._calls:
                self._waiting.remove(take)
                self._calls.add(call)
                task = asyncio.create_task(self._see_through(take, call))
                self._under_way[take.id] = task
        return bool(self._under_way)

    async def _see_through(self, take: FinishedTake, call: str) -> None:
        """Until it is archived, however long the store or Redis is away."""
        structlog.contextvars.bind_contextvars(call_uuid=call)  # in this task alone
        ended_at = take.ended_at  # while it is there
        patience = Patience(first_s=0.2, most_s=LONGEST_WAIT_S)
        try:
            while True:
                try:
                    await self._archive(take)
                except (VoiceplatError, OSError) as error:
                    log.warning("recording_waits", recording=take.id, why=str(error))
                except Exception:  # one recording must not stop the others
                    log.exception("recording_waits", recording=take.id)
                else:
                    self._figures.took.observe(utc_now().timestamp() - ended_at)
                    return
                self._figures.waits.inc()
                await patience.wait()
        finally:
            self._calls.discard(call)
            del self._under_way[take.id]
            self._woken.set()
