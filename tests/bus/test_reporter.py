"""Reports to the bus arrive in order and survive its absence."""

import asyncio
from contextlib import suppress

from voiceplat.bus.reporter import Report, Reporter
from voiceplat.core.errors import Unavailable


class FlakyBus:
    """Takes reports, except while it is away."""

    def __init__(self) -> None:
        self.took: list[str] = []
        self.away = False

    def report(self, word: str) -> Report:
        async def tell() -> None:
            if self.away:
                raise Unavailable("Redis")
            self.took.append(word)

        return tell


async def test_reports_wait_for_the_bus_and_keep_their_order() -> None:
    bus, reporter = FlakyBus(), Reporter()
    bus.away = True
    running = asyncio.create_task(reporter.run())
    for word in ("ringing", "answered", "ended"):
        reporter.tell(bus.report(word))
    await asyncio.sleep(10)

    bus.away = False
    await reporter.flushed()

    assert bus.took == ["ringing", "answered", "ended"]
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
