"""An archive in this process: its spool, a store with moods, what it announced."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.recordings.kept import an_order
from voiceplat.archive.app import CONVERTER
from voiceplat.archive.archiving import Archiving
from voiceplat.archive.archivist import Archivist
from voiceplat.calls.recording import EndReason, Recording, RecordingOrder
from voiceplat.core.errors import Unavailable
from voiceplat.core.settings import Settings
from voiceplat.core.warm_children import WarmChildren
from voiceplat.recordings.spool import Spool, Take
from voiceplat.recordings.store import Store, open_store

RATE_HZ = 8000


async def until(holds: Callable[[], bool]) -> None:
    """Returns once it holds; fails after 20 s."""
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - a disk tells nobody
            await asyncio.sleep(0.05)


@dataclass
class MoodyStore:
    """The folder store, away for as long as a test says."""

    store: Store
    away: bool = False
    asked: int = 0

    async def put(self, recording: Recording, file: Path) -> None:
        self.asked += 1
        if self.away:
            raise Unavailable("the storage")
        await self.store.put(recording, file)


@dataclass
class ArchiveParts:
    data: Path
    spool: Spool
    keeper: MoodyStore
    announced: list[Recording] = field(default_factory=list)
    redis_away: bool = False
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def announce(self, recording: Recording) -> None:
        if self.redis_away:
            raise Unavailable("Redis")
        async with self._news:
            self.announced.append(recording)
            self._news.notify_all()

    async def until_announced(self, count: int) -> list[Recording]:
        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(lambda: len(self.announced) >= count)
        return self.announced

    def take(self, order: RecordingOrder | None = None, seconds: float = 1) -> Take:
        """One with a second of sound in it, under way."""
        take = self.spool.begin(order or an_order(), rate_hz=RATE_HZ)
        take.write(b"\x10\x20" * int(seconds * RATE_HZ))
        return take

    def recorded(self, order: RecordingOrder | None = None) -> RecordingOrder:
        """One that is over."""
        take = self.take(order)
        take.end(EndReason.HANGUP)
        return take.order

    def kept(self, order: RecordingOrder) -> Path:
        name = f"{order.id}.{order.format}"
        return self.data / "recordings" / order.account / name

    @property
    def spooled(self) -> list[str]:
        return [folder.parent.name for folder in self.spool.folder.glob("*/lock")]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Event]:
        """The archive, beside the block; it is stopped properly after it."""
        settings = Settings(data=self.data)
        stop = asyncio.Event()
        async with WarmChildren(CONVERTER, 1) as children:
            archiving = Archiving(
                children=children,
                keeper=self.keeper,
                announce=self.announce,
                settings=settings.spool,
                unusable=self.data / "unusable",
            )
            archivist = Archivist(self.spool, archiving.archive, look_every_s=0.1)
            task = asyncio.create_task(archivist.run(stop))
            try:
                yield stop
            finally:
                stop.set()
                await task


def archive_parts(data: Path) -> ArchiveParts:
    keeper = MoodyStore(open_store(Settings(data=data)))
    return ArchiveParts(data, Spool(data / "spool", 0), keeper)
