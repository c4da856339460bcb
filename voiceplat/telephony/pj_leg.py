"""The leg of pjsua2: commands go down from the loop's thread, facts come up to it."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, assert_never

import pjsua2 as pj
import structlog
from typing_extensions import override

from voiceplat.calls.leg import CallEnded, Ended, Leg, Party, Quality
from voiceplat.core.errors import MediaError
from voiceplat.telephony.key_packets import KeyPacket
from voiceplat.telephony.keypad import Keypad, ToneEar, Way
from voiceplat.telephony.pj_audio import Bridge, Listener, Player, is_blip
from voiceplat.telephony.pj_call import (
    Answered,
    Fact,
    KeyByInfo,
    MediaChanged,
    PjCall,
    Rang,
    StreamClosed,
    read_quality,
)
from voiceplat.telephony.sip_message import one_line

log = structlog.get_logger()

DIGITS: Final = frozenset("0123456789*#ABCDabcd")
PAUSES_S: Final = {"w": 0.5, "W": 1.0}
BETWEEN_DIGITS_S: Final = 0.08
FIRST_AUDIO: Final = -1
CANNOT_ANSWER: Final = 500
HANG_UP_AGAIN_S: Final = 1.0


class PjLeg(Leg):
    """Every method runs on the loop's thread; `take` is what the callbacks post to."""

    def __init__(
        self, call: PjCall, bridge: Bridge, when_over: Callable[["PjLeg"], None]
    ) -> None:
        self._call = call
        self._bridge = bridge
        self._when_over = when_over
        self._over = asyncio.Event()
        self._rang = asyncio.Event()
        self._media = asyncio.Event()
        self._answer = asyncio.Event()
        self._keypad = Keypad()
        self._sends = asyncio.Lock()
        self._players: dict[Player, asyncio.Event] = {}
        self._hearers: set[pj.AudioMedia] = set()
        """What the stream is given to: recorders and listeners."""
        self._tones: Listener | None = None
        """Finds keys in the audio of a far end that sends them there."""
        self._quality = Quality()
        self._codec = ""
        self._how = Ended(Party.US, 200)
        call.receiver = self.take

    @property
    @override
    def ended(self) -> Ended | None:
        return self._call.ended

    @property
    @override
    def answered(self) -> bool:
        return self._call.answered

    @property
    @override
    def has_media(self) -> bool:
        return self._media.is_set() and self.ended is None

    @property
    def codec(self) -> str:
        """The codec that was agreed on, empty before."""
        return self._codec

    @override
    async def ring(self) -> None:
        if not (self._live().answered or self.has_media):
            await self._signal(180)

    @override
    async def open_early_media(self) -> None:
        if not (self._live().answered or self.has_media):
            await self._signal(183)
        await self._until(self._media)

    @override
    async def answer(self, headers: Mapping[str, str] | None = None) -> None:
        if not self._live().answered:
            await self._signal(200, headers or {})
        await self._until(self._media)

    @override
    async def hang_up(self, sip_status: int = 0) -> None:
        while self._call.ended is None:
            self.end(sip_status)
            with suppress(TimeoutError):
                async with asyncio.timeout(HANG_UP_AGAIN_S):
                    await self._over.wait()
        await self._over.wait()

    def end(self, sip_status: int = 0) -> None:
        """Ask for the end without waiting for it."""
        how = pj.CallOpParam()
        how.statusCode = sip_status
        if self._call.ended is None:
            with suppress(pj.Error):  # it is over: the news is on its way
                self._call.hangup(how)

    @override
    async def until_ringing(self) -> None:
        await self._until(self._rang)

    @override
    async def until_media(self) -> None:
        await self._until(self._media)

    @override
    async def until_answered(self) -> None:
        await self._until(self._answer)
        await self._until(self._media)

    @override
    async def until_ended(self) -> Ended:
        await self._over.wait()
        return self._how

    @override
    async def play(self, audio: Path) -> None:
        self._need_media()
        if is_blip(audio):
            return
        await self._bridge.room_for_a_player()
        self._live()
        over = asyncio.Event()
        player = self._bridge.player(audio, over.set)
        self._players[player] = over
        player.play_to(self._audio() or self._bridge.sink)
        try:
            await over.wait()
        finally:
            del self._players[player]
            self._bridge.retire(player)
        self._live()

    @override
    async def next_digit(self) -> str:
        while True:
            self._live()
            if key := self._keypad.next():
                return key
            await self._keypad.until_pressed()

    @override
    async def send_digits(self, digits: str, *, tone_ms: int = 160) -> None:
        if wrong := set(digits) - DIGITS - set(PAUSES_S):
            raise ValueError(f"not digits: {sorted(wrong)}")
        self._need_media()
        async with self._sends:  # first come, first served: digits must not mix
            for digit in digits:
                self._need_media()
                if digit in PAUSES_S:
                    await self._pause(PAUSES_S[digit])
                else:
                    self._send_digit(digit, tone_ms)
                    await self._pause(tone_ms / 1000 + BETWEEN_DIGITS_S)

    @override
    async def record(self, to: Path) -> None:
        self._need_media()
        recorder = self._bridge.recorder(to)
        self._give_to(recorder)
        try:
            await self._over.wait()
        finally:
            self._hearers.discard(recorder)
            await self._bridge.finish(recorder)
        self._live()

    @override
    async def listen(self, hear: Callable[[bytes], None]) -> None:
        self._need_media()
        listener = self._bridge.listener(hear)
        self._give_to(listener)
        try:
            await self._over.wait()
        finally:
            self._dismiss(listener)
        self._live()

    @override
    async def bridge(self, other: Leg) -> None:
        raise MediaError("this leg cannot be bridged")

    @override
    def forget_digits(self) -> None:
        self._keypad.forget()

    @override
    def quality(self) -> Quality:
        if not self.has_media:
            return self._quality
        return _sum(self._quality, read_quality(self._call))

    def take(self, fact: Fact) -> None:
        """A fact from the library, in the order in which they happened."""
        match fact:
            case Rang():
                self._rang.set()
            case Answered():
                self._rang.set()
                self._answer.set()
            case MediaChanged():
                self._codec = fact.codec or self._codec
                self._hear_tones(wanted=not (fact.key_packets or self._keypad.has_info))
                self._connect()
                self._media.set()
            case StreamClosed():
                self._quality = _sum(self._quality, fact.quality)
            case KeyPacket():
                self._keypad.take_packet(fact)
            case KeyByInfo():
                self._keypad.take(fact.key, Way.INFO)
                self._hear_tones(wanted=False)
            case Ended():
                self._how = fact
                self._finish()
            case _:
                assert_never(fact)

    def _connect(self) -> None:
        """Join all that sounds to the stream, which may be a new one."""
        audio = self._audio()
        for player in self._players:
            player.play_to(audio or self._bridge.sink)
        if audio is None:
            return
        with suppress(pj.Error):  # the stream is gone: the news is on its way
            self._bridge.silence.startTransmit(audio)
            for hearer in self._hearers:
                audio.startTransmit(hearer)

    def _audio(self) -> pj.AudioMedia | None:
        """The stream's port now; asked each time, it changes with every re-INVITE."""
        if self._call.ended is not None:
            return None
        try:
            return self._call.getAudioMedia(FIRST_AUDIO)
        except pj.Error:
            return None

    def _give_to(self, hearer: pj.AudioMedia) -> None:
        self._hearers.add(hearer)
        if audio := self._audio():
            with suppress(pj.Error):  # the stream is gone: the news is on its way
                audio.startTransmit(hearer)

    def _dismiss(self, listener: Listener) -> None:
        self._hearers.discard(listener)
        self._bridge.dismiss(listener)

    def _hear_tones(self, *, wanted: bool) -> None:
        """Look for keys in the audio, or stop it."""
        if self._tones is not None and not wanted:
            self._dismiss(self._tones)
            self._tones = None
        elif self._tones is None and wanted:
            ear = ToneEar(self._keypad, self._bridge.clock_rate_hz)
            try:
                self._tones = self._bridge.listener(ear.hear)
            except MediaError as error:
                log.warning("tones_not_heard", why=str(error))
            else:
                self._hearers.add(self._tones)

    def _send_digit(self, digit: str, tone_ms: int) -> None:
        how = pj.CallSendDtmfParam()
        how.digits = digit
        how.duration = tone_ms
        how.method = pj.PJSUA_DTMF_METHOD_RFC2833
        try:
            self._call.sendDtmf(how)
        except pj.Error:  # the far end has no telephone-event
            how.method = pj.PJSUA_DTMF_METHOD_SIP_INFO
            try:
                self._call.sendDtmf(how)
            except pj.Error as error:
                raise MediaError(f"digit not sent: {error.reason}") from error

    def _finish(self) -> None:
        for player_over in self._players.values():
            player_over.set()
        self._hear_tones(wanted=False)
        self._keypad.wake()
        for event in (self._rang, self._answer, self._media):
            event.set()
        self._over.set()
        self._when_over(self)

    async def _signal(
        self, status: int, headers: Mapping[str, str] | None = None
    ) -> None:
        """Send a response to the INVITE; a session that takes none is ended."""
        response = pj.CallOpParam()
        response.statusCode = status
        add_headers(response, headers or {})
        try:
            self._live().answer(response)
        except pj.Error as error:  # cancelled meanwhile, or no codec in common
            log.info("sip_response_refused", sip_status=status, why=error.reason)
            await self.hang_up(CANNOT_ANSWER)
            self._live()

    async def _until(self, event: asyncio.Event) -> None:
        self._live()
        await event.wait()
        self._live()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()
        self._live()

    def _need_media(self) -> None:
        self._live()
        if not self.has_media:
            raise MediaError("there is no media yet")

    def _live(self) -> PjCall:
        """The call, as long as commands may be given to it."""
        if self._call.ended is not None:
            raise CallEnded(self._call.ended)
        return self._call


def add_headers(to: pj.CallOpParam, headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        header = pj.SipHeader()
        header.hName = name
        header.hValue = one_line(value)
        to.txOption.headers.append(header)


def _sum(one: Quality, other: Quality) -> Quality:
    return Quality(
        packets_sent=one.packets_sent + other.packets_sent,
        packets_received=one.packets_received + other.packets_received,
        packets_lost=one.packets_lost + other.packets_lost,
        jitter_ms=max(one.jitter_ms, other.jitter_ms),
    )
