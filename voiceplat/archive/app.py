"""The process `voiceplat archive`: this host's finished recordings, into the store.

One per host that records; a second one waits until the first is gone.
"""

import asyncio
import os
import signal
from contextlib import AsyncExitStack, suppress
from typing import Final

import structlog

from voiceplat.archive.archiving import Archiving, Keeper
from voiceplat.archive.archivist import Archivist
from voiceplat.archive.insight import UNUSABLE, insight
from voiceplat.bus.bus import Bus
from voiceplat.core.settings import Settings
from voiceplat.core.warm_children import WarmChildren
from voiceplat.metrics.archive import ArchiveFigures
from voiceplat.metrics.listener import shown
from voiceplat.recordings.spool import Spool
from voiceplat.recordings.store import open_store

log = structlog.get_logger()

CONVERTER: Final = "voiceplat.archive.converter"
LOCK_POLL_S: Final = 0.5


async def run(settings: Settings) -> None:
    """Archive until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    figures, port = ArchiveFigures(), settings.metrics.archive_port
    async with (
        Bus.connect(settings.redis) as bus,
        shown(insight(figures, bus, settings), settings.metrics, port),
    ):
        await serve(bus, open_store(settings), settings, stop, figures)


async def serve(
    bus: Bus,
    keeper: Keeper,
    settings: Settings,
    stop: asyncio.Event,
    figures: ArchiveFigures | None = None,
) -> None:
    """Archive until `stop`, once no other archive serves this spool."""
    spool = Spool.of(settings)
    async with AsyncExitStack() as held:
        if not await _sole_use(spool, held, stop):
            return
        children = await held.enter_async_context(
            WarmChildren(CONVERTER, settings.spool.conversions_at_once)
        )
        archiving = Archiving(
            children=children,
            keeper=keeper,
            announce=bus.events.recorded,
            settings=settings.spool,
            unusable=settings.data / UNUSABLE,
        )
        look_every_s = settings.spool.look_interval_ms / 1000
        log.info("archive_ready")
        archivist = Archivist(
            spool, archiving.archive, look_every_s=look_every_s, figures=figures
        )
        await archivist.run(stop)


async def _sole_use(spool: Spool, held: AsyncExitStack, stop: asyncio.Event) -> bool:
    """Waits for the spool's lock; False when there is no need for it any more."""
    while not stop.is_set():
        if (lock := spool.serve()) is not None:
            held.callback(os.close, lock)
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(LOCK_POLL_S):
                await stop.wait()
    return False
