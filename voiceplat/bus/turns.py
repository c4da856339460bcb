"""Requests somebody makes in a window of time, counted for all API hosts together."""

from datetime import timedelta

from voiceplat.bus import keys
from voiceplat.bus.connection import Wire
from voiceplat.core.errors import RateLimited


class Turns:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._take = wire.script("take_turn")

    async def take(self, who: str, *, allowed: int, window: timedelta) -> None:
        """Raises RateLimited, which knows when the next window begins."""
        window_ms = round(window.total_seconds() * 1000)
        wait_ms = int(await self._take([keys.turns(who)], [allowed, window_ms]))
        if wait_ms:
            raise RateLimited(timedelta(milliseconds=wait_ms))

    async def forget(self, who: str) -> None:
        """What was counted of somebody in this window."""
        await self._wire.ask("DEL", keys.turns(who))
