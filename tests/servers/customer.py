"""A customer's web server: answers what the test says, remembers every request."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn
from fastapi import FastAPI, Request, Response

from voiceplat.core.clock import utc_now


@dataclass(frozen=True, slots=True)
class Reply:
    body: str | bytes = "<Response/>"
    status: int = 200
    content_type: str = "application/xml"
    delay_s: float = 0.0
    location: str = ""
    """Of a redirect."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came."""

    path: str
    method: str
    url: str
    fields: Mapping[str, str]
    headers: Mapping[str, str]
    at_ms: float


@dataclass(slots=True)
class CustomerServer:
    url: str
    replies: dict[str, Reply] = field(default_factory=dict)
    """By path; an unknown one answers `<Response/>`."""
    scripts: dict[str, Callable[[Asked], Reply]] = field(default_factory=dict)
    """By path: answers that depend on what is asked."""
    asked: list[Asked] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    def document(self, path: str, inside: str) -> str:
        """Serve `<Response>inside</Response>` at `path`; its URL."""
        self.replies[path] = Reply(f"<Response>{inside}</Response>")
        return self.url + path

    def serves(self, path: str, reply: Reply) -> str:
        self.replies[path] = reply
        return self.url + path

    async def asked_for(self, path: str, *, times: int = 1) -> list[Asked]:
        """The requests to `path`, once there are `times` of them (20 s at most)."""
        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(lambda: len(self.requests(path)) >= times)
        return self.requests(path)

    async def event(self, name: str, *, call_uuid: str = "") -> Asked:
        """The first request with Event=`name`, of that call if one is given."""

        def found() -> Asked | None:
            for asked in self.asked:
                if asked.fields.get("Event") == name and call_uuid in (
                    "",
                    asked.fields.get("CallUUID"),
                ):
                    return asked
            return None

        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(lambda: found() is not None)
        asked = found()
        assert asked is not None
        return asked

    def requests(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    async def _take(self, request: Request) -> Response:
        path = request.url.path
        fields = dict(request.query_params) | {
            key: str(value) for key, value in (await request.form()).items()
        }
        asked = Asked(
            path=path,
            method=request.method,
            url=str(request.url),
            fields=fields,
            headers=dict(request.headers),
            at_ms=utc_now().timestamp() * 1000,
        )
        async with self._news:
            self.asked.append(asked)
            self._news.notify_all()
        script = self.scripts.get(path)
        reply = script(asked) if script else self.replies.get(path, Reply())
        await asyncio.sleep(reply.delay_s)
        headers = {"Location": reply.location} if reply.location else None
        return Response(reply.body, reply.status, headers, reply.content_type)


@asynccontextmanager
async def customer_server(host: str = "127.0.0.1") -> AsyncIterator[CustomerServer]:
    listening = socket.create_server((host, 0))
    customer = CustomerServer(f"http://{host}:{listening.getsockname()[1]}")
    app = FastAPI()
    app.add_api_route("/{path:path}", customer._take, methods=["GET", "POST"])
    server = uvicorn.Server(
        uvicorn.Config(
            app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1
        )
    )
    serving = asyncio.create_task(server._serve([listening]))
    try:
        yield customer
    finally:
        server.should_exit = True
        await serving
        for connection in list(server.server_state.connections):
            connection.transport.abort()
        await asyncio.sleep(0.01)  # transports that were told to close do so
