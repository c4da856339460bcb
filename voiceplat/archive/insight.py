"""What the archive shows of the spool of its host."""

import asyncio
from typing import Final

from voiceplat.bus.bus import Bus
from voiceplat.core.errors import VoiceplatError
from voiceplat.core.settings import Settings
from voiceplat.metrics.archive import ArchiveFigures
from voiceplat.metrics.listener import Insight
from voiceplat.recordings.spool import Spool

UNUSABLE: Final = "spool-unusable"
"""Below `data`: takes that could not be converted."""


class NotServed(VoiceplatError):
    """Nobody holds the spool's lock yet."""


def insight(figures: ArchiveFigures, bus: Bus, settings: Settings) -> Insight:
    spool = Spool.of(settings)

    async def is_served() -> None:
        if not spool.is_served:
            raise NotServed("nobody takes recordings out of this host's spool")

    def look_at_disk() -> None:
        under_way, over, size = spool.census()
        figures.takes.labels("under_way").set(under_way)
        figures.takes.labels("over").set(over)
        figures.spool.set(size)
        figures.free.set(spool.free_bytes)
        unusable = settings.data / UNUSABLE
        figures.unusable.set(sum(1 for _ in unusable.glob("*")))

    async def look() -> None:
        await asyncio.to_thread(look_at_disk)

    return Insight(figures, {"redis": bus.ping, "spool": is_served}, look)
