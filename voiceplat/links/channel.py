"""Lines of JSON between two processes, over one TCP connection on the private side.

Who visits says a password first; the connection's life is the life of what it is about.
The kernel looks whether the other host still answers.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any, ClassVar, Final, Generic, Self, TypeVar

import structlog
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from voiceplat.core.errors import Unavailable

log = structlog.get_logger()

LINE_MAX: Final = 1 << 18
PROBE_S: Final = 1


class Said(BaseModel):
    """A line."""

    model_config = ConfigDict(frozen=True)


L = TypeVar("L", bound=Said)
C = TypeVar("C", bound="Channel[Any]")


class Channel(Generic[L]):
    LINES: ClassVar[TypeAdapter[Said]]
    """Whatever may be said on it."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        lost_after_s: int,
    ) -> None:
        self._reader = reader
        self._writer = writer
        watch_other_host(writer.get_extra_info("socket"), lost_after_s)

    @classmethod
    async def visit(cls, host: str, port: int, *, lost_after_s: int) -> Self:
        """Raises OSError when nobody waits there any more."""
        reader, writer = await asyncio.open_connection(host, port, limit=LINE_MAX)
        return cls(reader, writer, lost_after_s=lost_after_s)

    def say(self, line: L) -> None:
        """To nobody, when the connection is gone: who reads will notice."""
        text = line.model_dump_json().encode() + b"\n"
        if len(text) > LINE_MAX:
            log.warning("line_too_long", length=len(text))
        elif not self._writer.is_closing():
            self._writer.write(text)

    async def next(self) -> L | None:
        """What the other one says; None when it is gone, or talks nonsense."""
        try:
            text = await self._reader.readline()
        except (OSError, ValueError):
            return None
        if not text:
            return None
        try:
            return self.LINES.validate_json(text)  # type: ignore[return-value]
        except ValidationError as error:
            log.warning("channel_nonsense", errors=error.error_count())
            return None

    async def close(self) -> None:
        """Returns when what was said has gone out, or cannot."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


class Door:
    """Where those who were told the way come in."""

    def __init__(self, sock: socket.socket, *, lost_after_s: int) -> None:
        self._socket = sock
        self._lost_after_s = lost_after_s
        self.host: str
        self.port: int
        self.host, self.port = sock.getsockname()

    @staticmethod
    @asynccontextmanager
    async def open(
        host: str, ports: Iterable[int], *, lost_after_s: int
    ) -> AsyncIterator["Door"]:
        """On the first of `ports` that is free. Raises Unavailable when none is."""
        with _listening(host, ports) as sock:
            yield Door(sock, lost_after_s=lost_after_s)

    async def guest(self, kind: type[C]) -> C:
        """The next who comes, on a channel of that kind."""
        loop = asyncio.get_running_loop()
        connection, _ = await loop.sock_accept(self._socket)
        reader, writer = await asyncio.open_connection(sock=connection, limit=LINE_MAX)
        return kind(reader, writer, lost_after_s=self._lost_after_s)


def _listening(host: str, ports: Iterable[int]) -> socket.socket:
    for port in ports:
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
            sock.listen()
        except OSError:
            sock.close()
        else:
            return sock
    raise Unavailable("a port for other processes", f"none is free on {host}")


def watch_other_host(sock: socket.socket, lost_after_s: int) -> None:
    """Let the kernel break the connection when the other host is silent for so long."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, PROBE_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, PROBE_S)
    sock.setsockopt(
        socket.IPPROTO_TCP, socket.TCP_KEEPCNT, max(1, lost_after_s // PROBE_S - 1)
    )
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, lost_after_s * 1000)
