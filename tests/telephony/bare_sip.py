"""A SIP peer of a few lines, for what no well-behaved phone would do."""

import asyncio
import itertools
import secrets
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Self

from typing_extensions import override

from voiceplat.telephony.pj_leg import PjLeg
from voiceplat.telephony.pj_phone import PjPhone
from voiceplat.telephony.sip_message import SipMessage, parse_message

TELEPHONE_EVENT = 101
ANSWER_WITHIN_S = 5
FRAME = 160
AHEAD = 10


class BareSip(asyncio.DatagramProtocol):
    """One dialog at most; what it was sent stays in order until it is asked for."""

    def __init__(self) -> None:
        self.host, self.port = "127.0.0.1", 0
        self.rtp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.rtp.bind((self.host, 0))
        self.rtp.setblocking(False)
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

    def sdp(
        self, direction: str = "sendrecv", *, codec: int = 0, events: bool = True
    ) -> str:
        port = self.rtp.getsockname()[1]
        event = f"a=rtpmap:{TELEPHONE_EVENT} telephone-event/8000\r\n" if events else ""
        return (
            f"v=0\r\no=- 1 {next(self._numbers)} IN IP4 {self.host}\r\ns=-\r\n"
            f"c=IN IP4 {self.host}\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP {codec}{f' {TELEPHONE_EVENT}' * events}\r\n"
            f"{event}a={direction}\r\n"
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

    def _send(self, text: str) -> None:
        self._transport.sendto(text.encode(), self._peer)


class BareRtp:
    """What a peer sends to a stream: packets as it likes, numbered in their order."""

    def __init__(self, rtp: socket.socket, sdp_of_peer: str, codec: int = 0) -> None:
        port = int(sdp_of_peer.split("m=audio ")[1].split(maxsplit=1)[0])
        self._to = ("127.0.0.1", port)
        self._rtp = rtp
        self._codec = codec
        self._sequence = 0
        self._time = 0

    def send(self, kind: int, timestamp: int, payload: bytes) -> None:
        self._sequence += 1
        words = (0x80, kind, self._sequence & 0xFFFF, timestamp & 0xFFFFFFFF, 7)
        self._rtp.sendto(struct.pack("!BBHII", *words) + payload, self._to)

    async def until_heard(self) -> None:
        """Returns when the other end sends: then it also takes what is sent to it."""
        with suppress(BlockingIOError):
            while self._rtp.recv(2048):  # what came before
                pass
        async with asyncio.timeout(ANSWER_WITHIN_S):
            await asyncio.get_running_loop().sock_recv(self._rtp, 2048)

    def lose(self, packets: int) -> None:
        """So many never arrive."""
        self._sequence += packets

    def event(
        self, event: int, timestamp: int, duration: int, *, is_end: bool = False
    ) -> None:
        """One packet of a key, without marker bit."""
        flags = 0x8A if is_end else 0x0A
        payload = struct.pack("!BBH", event, flags, duration & 0xFFFF)
        self.send(TELEPHONE_EVENT, timestamp, payload)

    def press(self, event: int, timestamp: int = 160, ms: int = 80) -> None:
        """A key as it should be, all its packets at once."""
        for duration in range(160, ms * 8 + 1, 160):
            self.event(event, timestamp, duration)
        for _ in range(3):
            self.event(event, timestamp, ms * 8, is_end=True)

    async def say(self, codes: bytes) -> float:
        """G.711, a frame every 20 ms; by how much the latest one was late.

        A few are sent at first, so that one that is a little late is still in time.
        """
        loop = asyncio.get_running_loop()
        begun = loop.time()
        latest = 0.0
        for number, start in enumerate(range(0, len(codes), FRAME)):
            self.send(self._codec, self._time, codes[start : start + FRAME])
            self._time += FRAME
            due = begun + (number - AHEAD) * 0.02
            await asyncio.sleep(max(0, due - loop.time()))
            latest = max(latest, loop.time() - due)
        return latest


async def answered_by_us(
    bare: BareSip, phone: PjPhone, offer: str = ""
) -> tuple[PjLeg, str, str]:
    """The leg of an INVITE from `bare`, the tag of its dialog, our SDP."""
    bare.request("INVITE", phone.address, body=offer or bare.sdp())
    _, leg = await phone.next_call()
    await leg.answer()
    tag = tag_of(await bare.next("SIP/2.0 200"))
    sdp = bare.text
    bare.request("ACK", phone.address, to_tag=tag)
    return leg, tag, sdp


async def reinvite(
    bare: BareSip, phone: PjPhone, tag: str, number: int, direction: str
) -> None:
    """Hold, or its end."""
    body = bare.sdp(direction)
    bare.request("INVITE", phone.address, to_tag=tag, number=number, body=body)
    await bare.next("SIP/2.0 200")
    bare.request("ACK", phone.address, to_tag=tag, number=number)


def tag_of(message: SipMessage) -> str:
    return message.header("To").partition("tag=")[2]
