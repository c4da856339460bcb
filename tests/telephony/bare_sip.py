"""A SIP peer of a few lines, for what no well-behaved phone would do."""

import asyncio
import itertools
import secrets
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from typing_extensions import override

from voiceplat.telephony.sip_message import SipMessage, parse_message

TELEPHONE_EVENT = 101
ANSWER_WITHIN_S = 5


class BareSip(asyncio.DatagramProtocol):
    """One dialog at most; what it was sent stays in order until it is asked for."""

    def __init__(self) -> None:
        self.host, self.port = "127.0.0.1", 0
        self.rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtp.bind((self.host, 0))
        self._transport: asyncio.DatagramTransport
        self._peer = ("", 0)
        self._received: asyncio.Queue[tuple[str, tuple[str, int]]] = asyncio.Queue()
        self._numbers = itertools.count(1)
        self._call_id = secrets.token_hex(8)
        self._branch = f"z9hG4bK{self._call_id}"

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Self]:
        loop = asyncio.get_running_loop()
        transport, bare = await loop.create_datagram_endpoint(
            cls, local_addr=("127.0.0.1", 0)
        )
        bare._transport = transport
        bare.port = transport.get_extra_info("sockname")[1]
        try:
            yield bare
        finally:
            transport.close()
            bare.rtp.close()

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._received.put_nowait((data.decode(), addr))

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    async def next(self, start: str) -> SipMessage:
        """The next message whose first line begins so; others are passed over."""
        async with asyncio.timeout(ANSWER_WITHIN_S):
            while True:
                text, self._peer = await self._received.get()
                if text.startswith(start):
                    self.text = text
                    return parse_message(text)

    def sdp(self, direction: str = "sendrecv") -> str:
        port = self.rtp.getsockname()[1]
        return (
            f"v=0\r\no=- 1 {next(self._numbers)} IN IP4 {self.host}\r\ns=-\r\n"
            f"c=IN IP4 {self.host}\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 0 {TELEPHONE_EVENT}\r\n"
            f"a=rtpmap:{TELEPHONE_EVENT} telephone-event/8000\r\na={direction}\r\n"
        )

    def request(  # noqa: PLR0913 - what a request is made of
        self,
        method: str,
        address: str,
        *,
        to_tag: str = "",
        number: int = 1,
        headers: str = "",
        body: str = "",
        kind: str = "application/sdp",
    ) -> None:
        host, _, port = address.partition(":")
        self._peer = (host, int(port))
        content = f"Content-Type: {kind}\r\n" if body else ""
        self._send(
            f"{method} sip:15550199@{address} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {self.address};rport;branch={self._branch}{number}"
            f"{'ack' if method == 'ACK' else ''}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:bare@{self.address}>;tag=bare\r\n"
            f"To: <sip:15550199@{address}>{f';tag={to_tag}' if to_tag else ''}\r\n"
            f"Call-ID: {self._call_id}\r\nCSeq: {number} {method}\r\n"
            f"Contact: <sip:bare@{self.address}>\r\n"
            f"{headers}{content}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def respond(
        self, to: SipMessage, status: str, *, headers: str = "", body: str = ""
    ) -> None:
        tag = "" if "tag=" in to.header("To") else ";tag=bare"
        content = "Content-Type: application/sdp\r\n" if body else ""
        self._send(
            f"SIP/2.0 {status}\r\nVia: {to.header('Via')}\r\n"
            f"From: {to.header('From')}\r\nTo: {to.header('To')}{tag}\r\n"
            f"Call-ID: {to.header('Call-ID')}\r\nCSeq: {to.header('CSeq')}\r\n"
            f"Contact: <sip:bare@{self.address}>\r\n"
            f"{headers}{content}Content-Length: {len(body)}\r\n\r\n{body}"
        )

    def press(self, event: int, sdp_of_peer: str) -> None:
        """An RFC 4733 key, all its packets at once."""
        port = int(sdp_of_peer.split("m=audio ")[1].split(maxsplit=1)[0])
        for sequence, flags in enumerate((0x0A, 0x8A, 0x8A, 0x8A)):
            header = struct.pack("!BBHII", 0x80, TELEPHONE_EVENT, sequence, 160, 7)
            payload = struct.pack("!BBH", event, flags, 160 * (sequence + 1))
            self.rtp.sendto(header + payload, (self.host, port))

    def _send(self, text: str) -> None:
        self._transport.sendto(text.encode(), self._peer)


def tag_of(message: SipMessage) -> str:
    return message.header("To").partition("tag=")[2]
