"""A registrar of a few lines: one user, digest authentication, UDP or TCP."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self, cast

from typing_extensions import override

from voiceplat.telephony.sip_message import SipMessage, parse_message

REALM = "phones.test"
NONCE = "5f2c"


class Registrar(asyncio.Protocol, asyncio.DatagramProtocol):
    """Remembers the expiry of each REGISTER that it accepted."""

    def __init__(self, user: str, password: str) -> None:
        self.accepted: list[int] = []
        self.address = ""
        self._user = user
        self._password = password
        self._send_to: asyncio.BaseTransport

    @classmethod
    @asynccontextmanager
    async def open(
        cls, user: str, password: str, transport: str
    ) -> AsyncIterator[Self]:
        loop = asyncio.get_running_loop()
        registrar = cls(user, password)
        if transport == "tcp":
            server = await loop.create_server(lambda: registrar, "127.0.0.1", 0)
            port = server.sockets[0].getsockname()[1]
            registrar.address = f"127.0.0.1:{port}"
            async with server:
                yield registrar
        else:
            udp, _ = await loop.create_datagram_endpoint(
                lambda: registrar, local_addr=("127.0.0.1", 0)
            )
            registrar.address = f"127.0.0.1:{udp.get_extra_info('sockname')[1]}"
            try:
                yield registrar
            finally:
                udp.close()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._send_to = transport

    @override
    def data_received(self, data: bytes) -> None:
        tcp = cast(asyncio.Transport, self._send_to)
        tcp.write(self._reply(parse_message(data.decode())))

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        udp = cast(asyncio.DatagramTransport, self._send_to)
        udp.sendto(self._reply(parse_message(data.decode())), addr)

    def _reply(self, request: SipMessage) -> bytes:
        if not self._is_right(request.header("Authorization")):
            challenge = f'Digest realm="{REALM}",nonce="{NONCE}",algorithm=MD5'
            return _response(request, "401 Unauthorized", "WWW-Authenticate", challenge)
        expires = int(request.header("Expires") or 0)
        self.accepted.append(expires)
        contact = f"{request.header('Contact')};expires={expires}"
        return _response(request, "200 OK", "Contact", contact)

    def _is_right(self, authorization: str) -> bool:
        told = dict(re.findall(r'(\w+)="?([^",]+)', authorization))
        secret = _md5(f"{self._user}:{REALM}:{self._password}")
        request = _md5(f"REGISTER:{told.get('uri')}")
        return told.get("response") == _md5(f"{secret}:{NONCE}:{request}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _response(request: SipMessage, status: str, name: str, value: str) -> bytes:
    return (
        f"SIP/2.0 {status}\r\nVia: {request.header('Via')}\r\n"
        f"From: {request.header('From')}\r\nTo: {request.header('To')};tag=r\r\n"
        f"Call-ID: {request.header('Call-ID')}\r\nCSeq: {request.header('CSeq')}\r\n"
        f"{name}: {value}\r\nContent-Length: 0\r\n\r\n"
    ).encode()
