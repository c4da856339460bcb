"""A carrier with a stopwatch: places calls, takes calls, notes when packets came."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from secrets import token_hex
from typing import Final, Self

from bench import rtp, sip
from bench.stamped import StampedSocket

PATIENCE_S: Final = 10.0
"""An answer or a sound that takes longer is a failure."""
MS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Heard:
    """When the steps of one call of ours happened."""

    invited_ns: int
    answered_ns: int
    sound_ns: int

    @property
    def invite_to_answer_ms(self) -> float:
        return (self.answered_ns - self.invited_ns) / MS

    @property
    def answer_to_sound_ms(self) -> float:
        """0 when the first sound, with early media, came before the answer."""
        return max(0, self.sound_ns - self.answered_ns) / MS

    @property
    def invite_to_sound_ms(self) -> float:
        return (self.sound_ns - self.invited_ns) / MS


class CallFailed(Exception):
    pass


@dataclass(slots=True)
class _Call:
    """A call that we placed."""

    answered: "asyncio.Future[tuple[sip.Message, int]]" = field(
        default_factory=asyncio.Future
    )
    sound: "asyncio.Future[int]" = field(default_factory=asyncio.Future)
    over: "asyncio.Future[None]" = field(default_factory=asyncio.Future)
    ack: bytes = b""

    def hear(self, data: bytes, _: object, at_ns: int) -> None:
        packet = rtp.parse(data)
        if packet and rtp.is_sound(packet.payload) and not self.sound.done():
            self.sound.set_result(at_ns)


@dataclass(frozen=True, slots=True)
class _Dialog:
    """What the requests of one call have in common."""

    target: str
    call_id: str
    from_: str
    to: str
    routes: tuple[str, ...]

    def confirmed(self, answer: sip.Message) -> Self:
        """As the 200 made it (RFC 3261 12.1.2)."""
        return replace(
            self,
            target=sip.uri_of(answer.one("contact")),
            to=answer.one("to"),
            routes=tuple(reversed(answer.all("record-route"))),
        )


class Carrier:
    """One UDP address. What it is called with is refused as busy, but noted."""

    def __init__(self, host: str, port: int, platform: str) -> None:
        self._socket = StampedSocket(host, self._take, port)
        self._here = f"{host}:{self._socket.port}"
        at, _, at_port = platform.rpartition(":")
        self._platform = (at, int(at_port))
        self._calls: dict[str, _Call] = {}
        self._expected: dict[str, asyncio.Future[int]] = {}

    @classmethod
    @asynccontextmanager
    async def at(cls, host: str, port: int, platform: str) -> AsyncIterator[Self]:
        carrier = cls(host, port, platform)
        with carrier._socket:
            yield carrier

    def expect(self, number: str) -> "asyncio.Future[int]":
        """Done with the time at which an INVITE for `number` comes."""
        self._expected[number] = asyncio.Future()
        return self._expected[number]

    async def call(self, number: str) -> Heard:
        """Place a call, hear its first sound, hang up. Raises CallFailed."""
        call_id, call = token_hex(8), _Call()
        self._calls[call_id] = call
        try:
            async with asyncio.timeout(PATIENCE_S):
                with StampedSocket(self._socket.host, call.hear) as audio:
                    return await self._through(call_id, call, number, audio)
        except TimeoutError:
            raise CallFailed("it took too long") from None
        finally:
            del self._calls[call_id]

    async def _through(
        self, call_id: str, call: _Call, number: str, audio: StampedSocket
    ) -> Heard:
        uri = f"sip:+{number}@{self._platform[0]}:{self._platform[1]}"
        from_ = f"<sip:+15550199@{self._here}>;tag={call_id}"
        dialog = _Dialog(uri, call_id, from_, f"<{uri}>", ())
        sdp = sip.offer(audio.host, audio.port)
        invited = self._send(self._request("INVITE", 1, dialog, sdp))
        answer, answered = await call.answered
        if answer.status != 200:
            raise CallFailed(f"answered {answer.status}")
        dialog = dialog.confirmed(answer)
        call.ack = self._request("ACK", 1, dialog)
        self._send(call.ack)
        sound = await call.sound
        self._send(self._request("BYE", 2, dialog))
        await call.over
        return Heard(invited, answered, sound)

    def _send(self, request: bytes) -> int:
        """When it was sent."""
        return self._socket.send(request, self._platform)

    def _request(
        self, method: str, cseq: int, dialog: "_Dialog", body: str = ""
    ) -> bytes:
        headers = [
            ("Via", f"SIP/2.0/UDP {self._here};branch=z9hG4bK{token_hex(6)};rport"),
            ("Max-Forwards", "70"),
            *(("Route", route) for route in dialog.routes),
            ("From", dialog.from_),
            ("To", dialog.to),
            ("Call-ID", dialog.call_id),
            ("CSeq", f"{cseq} {method}"),
            ("Contact", f"<sip:bench@{self._here}>"),
        ]
        return sip.build(f"{method} {dialog.target} SIP/2.0", headers, body)

    def _take(self, data: bytes, source: tuple[str, int], at_ns: int) -> None:
        message = sip.parse(data)
        if message is None:
            return
        if message.status:
            self._take_answer(message, at_ns)
        elif message.method == "INVITE":
            self._socket.send(sip.answer(message, "486 Busy Here", "bench"), source)
            expected = self._expected.pop(sip.user_of(message.uri), None)
            if expected and not expected.done():
                expected.set_result(at_ns)
        elif message.method != "ACK":
            self._socket.send(sip.answer(message, "200 OK", "bench"), source)

    def _take_answer(self, message: sip.Message, at_ns: int) -> None:
        call = self._calls.get(message.one("call-id"))
        if call is None or message.status < 200:
            return
        if message.one("cseq").endswith("BYE"):
            if not call.over.done():
                call.over.set_result(None)
        elif not call.answered.done():
            call.answered.set_result((message, at_ns))
        else:
            self._send(call.ack)
