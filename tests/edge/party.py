"""A phone, a carrier or a worker in a test: one SIP socket and all it ever heard.

It answers OPTIONS by itself, as everything that lives does, unless it is `dead`.
"""

import asyncio
import secrets
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Literal, cast

from typing_extensions import override

from tests.edge.sip import Message, parse, reply_to

PATIENCE_S: Final = 10.0


class Party(asyncio.DatagramProtocol):
    def __init__(self, peer: tuple[str, int]) -> None:
        self.peer = peer
        """The socket of the edge that it speaks to."""
        self.host = ""
        self.port = 0
        self.inside: tuple[str, int] | None = None
        """Where it believes to be, behind a NAT that others see instead."""
        self.dead = False
        self.heard: list[str] = []
        """Every message that arrived, as it was on the wire."""
        self.transport_name: Literal["UDP", "TCP", "TLS"] = "UDP"
        self._queue: list[Message] = []
        self._known: set[str] = set()
        self._news = asyncio.Event()
        self._udp: asyncio.DatagramTransport | None = None
        self._stream: asyncio.StreamWriter | None = None

    @property
    def contact(self) -> str:
        name = self.transport_name.lower()
        suffix = "" if name == "udp" else f";transport={name}"
        host, port = self.inside or (self.host, self.port)
        return f"<sip:test@{host}:{port}{suffix}>"

    def via(self) -> str:
        host, port = self.inside or (self.host, self.port)
        return (
            f"SIP/2.0/{self.transport_name} {host}:{port}"
            f";branch=z9hG4bK{secrets.token_hex(6)};rport"
        )

    def send(self, message: Message, to: tuple[str, int] | None = None) -> None:
        self.send_bytes(message.text().encode(), to)

    def send_bytes(self, data: bytes, to: tuple[str, int] | None = None) -> None:
        """Whatever it is, as one datagram or on the stream."""
        if self._stream is not None:
            self._stream.write(data)
        elif self._udp is not None:
            self._udp.sendto(data, to or self.peer)

    def reply(self, request: Message, status: int, **parts: str) -> Message:
        """Reply to where the request came from."""
        answer = reply_to(request, status, **parts)
        self.send(answer, request.source)
        return answer

    async def expect(self, *kinds: str | int, within_s: float = PATIENCE_S) -> Message:
        """The first message of these methods or statuses; others stay in the queue."""
        try:
            async with asyncio.timeout(within_s):
                while True:
                    for message in self._queue:
                        if (message.method or message.status) in kinds:
                            self._queue.remove(message)
                            return message
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError as error:
            queue = [message.first for message in self._queue]
            raise AssertionError(f"no {kinds}; in the queue: {queue}") from error

    async def silence(self, *kinds: str | int, for_s: float = 0.3) -> None:
        """Nothing of these kinds comes."""
        await asyncio.sleep(for_s)
        got = [m.first for m in self._queue if (m.method or m.status) in kinds]
        assert not got, got

    def heard_first(self, method: str) -> Message:
        """The first request of this method that ever came."""
        text = next(text for text in self.heard if text.startswith(f"{method} "))
        return parse(text, self.peer)

    def close(self) -> None:
        """Vanish, as a process that was killed does."""
        if self._udp is not None:
            self._udp.close()
        if self._stream is not None:
            self._stream.close()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._udp = cast("asyncio.DatagramTransport", transport)
        self.host, self.port = transport.get_extra_info("sockname")

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if b"\r\n\r\n" in data:  # anything else keeps a NAT open
            self._take(data.decode(), addr)

    async def read_stream(self, reader: asyncio.StreamReader) -> None:
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            length = int(parse(head.decode(), self.peer).get("Content-Length") or 0)
            body = await reader.readexactly(length)
            self._take((head + body).decode(), self.peer)

    def use_stream(self, writer: asyncio.StreamWriter) -> None:
        secure = writer.get_extra_info("ssl_object") is not None
        self.transport_name, self._stream = "TLS" if secure else "TCP", writer
        self.host, self.port = writer.get_extra_info("sockname")

    def _take(self, text: str, source: tuple[str, int]) -> None:
        self.heard.append(text)
        message = parse(text, source)
        if self.dead:
            return
        if message.method == "OPTIONS":
            self.reply(message, 200)
        if message.transaction not in self._known:
            self._known.add(message.transaction)
            self._queue.append(message)
            self._news.set()


@asynccontextmanager
async def udp_party(
    host: str, peer: tuple[str, int], port: int = 0
) -> AsyncIterator[Party]:
    party = Party(peer)
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: party, local_addr=(host, port))
    try:
        yield party
    finally:
        party.close()
        await asyncio.sleep(0)  # the loop closes the socket a turn later


@asynccontextmanager
async def tcp_party(
    host: str, peer: tuple[str, int], tls: ssl.SSLContext | None = None
) -> AsyncIterator[Party]:
    party = Party(peer)
    reader, writer = await asyncio.open_connection(*peer, local_addr=(host, 0), ssl=tls)
    party.use_stream(writer)
    reading = asyncio.create_task(party.read_stream(reader))
    try:
        yield party
    finally:
        writer.close()
        await reading
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)
