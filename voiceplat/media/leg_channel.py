"""What two workers say to each other about a leg that one dialled for the other.

Lines of JSON over one TCP connection per leg, on the private side. It comes from the
host worker, which was told where and with which password; nothing listens for orders.
The connection is the leg's life: when it breaks, for the one side the leg has ended and
the other hangs up. The kernel looks whether the other host still answers.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Final, Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from voiceplat.calls.leg import Ended, KeysBy, Quality, Referral
from voiceplat.calls.link import LinkEnd
from voiceplat.core.errors import Unavailable

log = structlog.get_logger()

LINE_MAX: Final = 1 << 18
PROBE_S: Final = 1


class Said(BaseModel):
    model_config = ConfigDict(frozen=True)


class Greeting(Said):
    """The first line of the host worker; without `link` it has no leg free."""

    kind: Literal["greeting"] = "greeting"
    password: str
    link: LinkEnd | None = None


class Reached(Said):
    """The leg is that far."""

    kind: Literal["ringing", "media", "answered"]


class Key(Said):
    kind: Literal["key"] = "key"
    key: str


class Over(Said):
    kind: Literal["over"] = "over"
    ended: Ended
    answered: bool
    quality: Quality


class Done(Said):
    """An order was carried out, or not: `failed` is why."""

    kind: Literal["done"] = "done"
    order: int
    failed: str | None = None
    referral: Referral | None = None
    """What it waited for."""


Deed = Literal[
    "ring",
    "open_early_media",
    "answer",
    "hang_up",
    "send_digits",
    "next_referral",
    "report_referral",
]


class Order(Said):
    """A method of the leg and what it is given."""

    kind: Literal["order"] = "order"
    order: int
    do: Deed
    headers: Mapping[str, str] = {}
    sip_status: int = 0
    digits: str = ""
    tone_ms: int = 0
    by: KeysBy = KeysBy.ANY
    referral: Referral | None = None


class Cancel(Said):
    kind: Literal["cancel"] = "cancel"
    order: int


Line = Greeting | Reached | Key | Over | Done | Order | Cancel

_LINE: Final[TypeAdapter[Line]] = TypeAdapter(
    Annotated[Line, Field(discriminator="kind")]
)


class Channel:
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

    def say(self, line: Line) -> None:
        """To nobody, when the connection is gone: who reads will notice."""
        if not self._writer.is_closing():
            self._writer.write(line.model_dump_json().encode() + b"\n")

    async def next(self) -> Line | None:
        """What the other worker says; None when it is gone, or talks nonsense."""
        try:
            text = await self._reader.readline()
        except (OSError, ValueError):
            return None
        if not text:
            return None
        try:
            return _LINE.validate_json(text)
        except ValidationError as error:
            log.warning("leg_channel_nonsense", errors=error.error_count())
            return None

    async def close(self) -> None:
        """Returns when what was said has gone out, or cannot."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


class Door:
    """Where the worker that was asked for a leg comes in."""

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

    async def guest(self) -> Channel:
        loop = asyncio.get_running_loop()
        connection, _ = await loop.sock_accept(self._socket)
        reader, writer = await asyncio.open_connection(sock=connection, limit=LINE_MAX)
        return Channel(reader, writer, lost_after_s=self._lost_after_s)


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
    raise Unavailable("a port for a leg's connection", f"none is free on {host}")


async def visit(host: str, port: int, *, lost_after_s: int) -> Channel:
    """Raises OSError when nobody waits there any more."""
    reader, writer = await asyncio.open_connection(host, port, limit=LINE_MAX)
    return Channel(reader, writer, lost_after_s=lost_after_s)


def watch_other_host(sock: socket.socket, lost_after_s: int) -> None:
    """Let the kernel break the connection when the other host is silent for so long."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, PROBE_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, PROBE_S)
    sock.setsockopt(
        socket.IPPROTO_TCP, socket.TCP_KEEPCNT, max(1, lost_after_s // PROBE_S - 1)
    )
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, lost_after_s * 1000)
