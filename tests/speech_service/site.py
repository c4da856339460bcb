"""A web server that serves audio well or badly, as the test says."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reply:
    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_s: float = 0.0
    """Before the first byte."""
    endless: bool = False
    """The body is sent again and again, and no length is told."""
    trickle_s: float = 0.0
    """Between the bytes of the body."""


@dataclass(frozen=True, slots=True)
class Asked:
    path: str
    headers: Mapping[str, str]


@dataclass(slots=True)
class Site:
    url: str
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def serves(self, path: str, *replies: Reply) -> str:
        """One reply after another; the last one stays. The URL."""
        self.replies[path] = list(replies)
        return self.url + path

    def next_reply(self, path: str) -> Reply:
        waiting = self.replies.get(path, [Reply(status=404)])
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


@asynccontextmanager
async def site() -> AsyncIterator[Site]:
    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if task := asyncio.current_task():
            answering.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            asked = _asked(await reader.readuntil(b"\r\n\r\n"))
            running.asked.append(asked)
            try:
                await _send(writer, running.next_reply(asked.path))
            finally:
                writer.close()
            await writer.wait_closed()

    answering: set[asyncio.Task[object]] = set()
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        running = Site(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        yield running
        for task in answering:
            task.cancel()
        await asyncio.gather(*answering, return_exceptions=True)


def _asked(head: bytes) -> Asked:
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    pairs = (line.split(": ", 1) for line in lines)
    path = first.split(" ")[1].partition("?")[0]
    return Asked(path, {name.lower(): value for name, value in pairs})


async def _send(writer: asyncio.StreamWriter, reply: Reply) -> None:
    await asyncio.sleep(reply.wait_s)
    headers = dict(reply.headers) | {"Connection": "close"}
    if not reply.endless and reply.status != 304:
        headers.setdefault("Content-Length", str(len(reply.body)))
    lines = [f"HTTP/1.1 {reply.status} -", *map(": ".join, headers.items()), "", ""]
    writer.write("\r\n".join(lines).encode())
    if reply.trickle_s:
        for byte in reply.body:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(reply.trickle_s)
        return
    writer.write(reply.body)
    await writer.drain()
    while reply.endless:
        writer.write(reply.body)
        await writer.drain()
