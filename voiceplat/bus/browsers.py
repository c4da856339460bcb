"""Browsers at the edge: their connections, as they close, and who they are."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from voiceplat.bus import keys
from voiceplat.bus.connection import Wire, outliving


class Browsers:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def closed(self) -> AsyncGenerator[str]:
        """`IP:PORT` of each; those that close while Redis is away are missed."""
        async with aclosing(outliving(self._closed)) as connections:
            async for connection in connections:
                yield connection

    async def redeem(self, ticket: str) -> str | None:
        """The username that the edge gave this ticket to; good for once."""
        user: str | None = await self._wire.ask("GETDEL", keys.turn_ticket(ticket))
        return user

    async def _closed(self) -> AsyncGenerator[str]:
        async with self._wire.subscription(keys.CLOSED) as messages:
            while True:
                if text := await messages.text():
                    yield text
