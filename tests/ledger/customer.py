"""A customer's server behind the real client: has memory, can be away or slow."""

import asyncio
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import httpx

from voiceplat.core.settings import SecuritySettings, WebhookSettings
from voiceplat.webhooks.client import WebhookClient


@dataclass
class Customer:
    away: bool = False
    """Nobody can connect."""
    status: int = 200
    slow: dict[str, asyncio.Event] = field(default_factory=dict)
    """Paths that answer only when their event is set."""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Path and form of each request that arrived."""
    headers: list[httpx.Headers] = field(default_factory=list)
    at_once: int = 0
    at_once_most: int = 0
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def client(self, security: SecuritySettings) -> WebhookClient:
        settings = WebhookSettings(retries=0)
        transport = httpx.MockTransport(self._answer)
        return WebhookClient(settings, security, transport=transport)

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    async def asked_times(self, count: int) -> None:
        """Returns once that many requests arrived."""
        async with asyncio.timeout(10), self._news:
            await self._news.wait_for(lambda: len(self.asked) >= count)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        form = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        async with self._news:
            self.asked.append((path, form))
            self.headers.append(request.headers)
            self._news.notify_all()
        if self.away:
            raise httpx.ConnectError("refused", request=request)
        self.at_once += 1
        self.at_once_most = max(self.at_once_most, self.at_once)
        try:
            if path in self.slow:
                await self.slow[path].wait()
        finally:
            self.at_once -= 1
        return httpx.Response(self.status)
