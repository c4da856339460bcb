"""A client of the TURN server (RFC 5766), as far as the tests need one."""

import asyncio
import hashlib
import hmac
import secrets
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import Final, Literal

from voiceplat.services.turn_access import TurnAccess

Transport = Literal["udp", "tcp", "tls"]

ALLOCATE, CREATE_PERMISSION, CONNECT = 0x0003, 0x0008, 0x000A
_SEND_INDICATION: Final = 0x0016
_USERNAME, _INTEGRITY, _ERROR, _REALM, _NONCE = 0x0006, 0x0008, 0x0009, 0x0014, 0x0015
_PEER, _DATA, _RELAYED, _TRANSPORT = 0x0012, 0x0013, 0x0016, 0x0019
_COOKIE: Final = 0x2112A442
_HEADER: Final = struct.Struct("!HHI12s")
_UDP: Final = b"\x11\x00\x00\x00"
_TCP: Final = b"\x06\x00\x00\x00"
_PATIENCE_S: Final = 10
_QUIET_S: Final = 0.5

Attributes = list[tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    error: int
    """0 when the server did what it was asked."""
    attributes: dict[int, bytes]

    @property
    def relayed(self) -> tuple[str, int]:
        return _address(self.attributes[_RELAYED])


@dataclass(slots=True)
class TurnClient:
    access: TurnAccess
    _line: "_Datagrams | _Stream"
    _realm: bytes = b""
    _nonce: bytes = field(default=b"")

    async def allocate(self, *, tcp: bool = False) -> Answer:
        """Ask for a relay port, as clients do: first without credentials."""
        wanted = [(_TRANSPORT, _TCP if tcp else _UDP)]
        challenge = await self._ask(ALLOCATE, wanted, signed=False)
        assert challenge.error == 401, challenge
        self._realm = challenge.attributes[_REALM]
        self._nonce = challenge.attributes[_NONCE]
        return await self._ask(ALLOCATE, wanted)

    async def permit(self, host: str) -> Answer:
        return await self._ask(CREATE_PERMISSION, [(_PEER, _peer(host, 0))])

    async def connect(self, host: str, port: int) -> Answer:
        """Ask for a TCP connection (RFC 6062)."""
        return await self._ask(CONNECT, [(_PEER, _peer(host, port))])

    async def send(self, data: bytes, host: str, port: int) -> None:
        what = [(_PEER, _peer(host, port)), (_DATA, data)]
        await self._line.write(
            _message(_SEND_INDICATION, secrets.token_bytes(12), what)
        )

    async def hears_nothing(self) -> bool:
        """Whether the relay has brought nothing back for half a second."""
        try:
            async with asyncio.timeout(_QUIET_S):
                await self._line.read()
        except TimeoutError:
            return True
        return False

    async def _ask(
        self, method: int, attributes: Attributes, *, signed: bool = True
    ) -> Answer:
        transaction = secrets.token_bytes(12)
        if signed:
            message = self._signed(method, transaction, attributes)
        else:
            message = _message(method, transaction, attributes)
        await self._line.write(message)
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                text = await self._line.read()
                if text[8:20] == transaction:
                    return _read(text)

    def _signed(self, method: int, transaction: bytes, attributes: Attributes) -> bytes:
        user = self.access.username.encode()
        more = [(_USERNAME, user), (_REALM, self._realm), (_NONCE, self._nonce)]
        message = _message(method, transaction, [*attributes, *more], room=24)
        secret = b":".join((user, self._realm, self.access.password.encode()))
        key = hashlib.md5(secret).digest()  # noqa: S324 - the protocol's choice
        return message + _attribute(_INTEGRITY, hmac.digest(key, message, "sha1"))


@asynccontextmanager
async def turn_client(
    server: tuple[str, int], access: TurnAccess, transport: Transport = "udp"
) -> AsyncIterator[TurnClient]:
    line: _Datagrams | _Stream
    if transport == "udp":
        line = _Datagrams(server)
    else:
        context = _trusting() if transport == "tls" else None
        line = _Stream(*await asyncio.open_connection(*server, ssl=context))
    try:
        yield TurnClient(access, line)
    finally:
        await line.close()


def _trusting() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class _Datagrams:
    def __init__(self, server: tuple[str, int]) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.connect(server)

    async def write(self, message: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._socket, message)

    async def read(self) -> bytes:
        return await asyncio.get_running_loop().sock_recv(self._socket, 2048)

    async def close(self) -> None:
        self._socket.close()


@dataclass(slots=True)
class _Stream:
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter

    async def write(self, message: bytes) -> None:
        self._writer.write(message)
        await self._writer.drain()

    async def read(self) -> bytes:
        head = await self._reader.readexactly(_HEADER.size)
        return head + await self._reader.readexactly(_HEADER.unpack(head)[1])

    async def close(self) -> None:
        self._writer.close()
        await asyncio.gather(self._writer.wait_closed(), return_exceptions=True)


def _message(
    method: int, transaction: bytes, attributes: Attributes, *, room: int = 0
) -> bytes:
    """`room` bytes more are to follow, and counted."""
    body = b"".join(_attribute(kind, value) for kind, value in attributes)
    return _HEADER.pack(method, len(body) + room, _COOKIE, transaction) + body


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)


def _read(text: bytes) -> Answer:
    attributes: dict[int, bytes] = {}
    at = _HEADER.size
    while at < len(text):
        kind, length = struct.unpack_from("!HH", text, at)
        attributes.setdefault(kind, text[at + 4 : at + 4 + length])
        at += 4 + length + -length % 4
    error = attributes.get(_ERROR, bytes(4))
    return Answer(error[2] * 100 + error[3], attributes)


def _peer(host: str, port: int) -> bytes:
    mask = _COOKIE.to_bytes(4)
    address = int(IPv4Address(host)) ^ _COOKIE
    return struct.pack(
        "!BBH", 0, 1, port ^ int.from_bytes(mask[:2])
    ) + address.to_bytes(4)


def _address(value: bytes) -> tuple[str, int]:
    port = int.from_bytes(value[2:4]) ^ (_COOKIE >> 16)
    return str(IPv4Address(int.from_bytes(value[4:8]) ^ _COOKIE)), port
