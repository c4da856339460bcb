"""Sessions of the console that were ended before their time.

A session is its cookie and nothing more (ADR 27); only those that somebody logged out
of are remembered, until they would have ended by themselves.
"""

from datetime import timedelta

from voiceplat.bus import keys
from voiceplat.bus.connection import Wire


class Sessions:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def end(self, session: str, *, left: timedelta) -> None:
        """`left` is what was left of it."""
        left_ms = max(1, round(left.total_seconds() * 1000))
        await self._wire.ask("SET", keys.logged_out(session), 1, "PX", left_ms)

    async def was_ended(self, session: str) -> bool:
        return bool(await self._wire.ask("EXISTS", keys.logged_out(session)))
