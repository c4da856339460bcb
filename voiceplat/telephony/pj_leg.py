"""The leg of pjsua2: commands go down from the loop's thread, facts come up to it."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, assert_never

import pjsua2 as pj
import structlog
from typing_extensions import override

from voiceplat.calls.leg import Ended, KeysBy, Party, Quality, Referral
from voiceplat.core.errors import MediaError
from voiceplat.telephony.audible_leg import PAUSES_S, AudibleLeg, check_digits
from voiceplat.telephony.key_packets import KeyPacket
from voiceplat.telephony.keypad import Keypad, ToneEar, Way
from voiceplat.telephony.leg_audio import LegAudio
from voiceplat.telephony.pj_audio import Bridge, Listener
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
from voiceplat.telephony.referrals import Referrals
from voiceplat.telephony.sip_message import one_line

log = structlog.get_logger()

BETWEEN_DIGITS_S: Final = 0.08
FIRST_AUDIO: Final = -1
CANNOT_ANSWER: Final = 500
HANG_UP_AGAIN_S: Final = 1.0
CLAIMED: Final = "X-VP-Claimed"
"""On a refusal: the edge asks no other worker."""
TONES_FRAME_S: Final = 0.06
"""How much audio is searched for keys at once."""


class PjLeg(AudibleLeg):
    """Every method runs on the loop's thread; `take` is what the callbacks post to."""

    def __init__(
        self, call: PjCall, bridge: Bridge, when_over: Callable[["PjLeg"], None]
    ) -> None:
        super().__init__(LegAudio(bridge, self._port))
        self._call = call
        self._bridge = bridge
        self._when_over = when_over
        self._keypad = Keypad(lambda key: self._watch(key, Party.FAR))
        self._sends = asyncio.Lock()
        self._tones: Listener | None = None
        """Finds keys in the audio of a far end that sends them there."""
        self._quality = Quality()
        self._codec = ""
        self._how = Ended(Party.US, 200)
        self._referrals = Referrals(call)
        self._is_claimed = False
        self._has_signalled = False
        """The INVITE has had a response of ours."""
        self.call_id = ""
        """Call-ID of the dialog, the same at both sides of the edge."""
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
    def codec(self) -> str:
        """The codec that was agreed on, empty before."""
        return self._codec

    @override
    def claim(self) -> None:
        self._is_claimed = True

    @override
    async def ring(self) -> None:
        self._live()
        if not (self._has_signalled or self.answered or self.has_media):
            await self._signal(180)

    @override
    async def open_early_media(self) -> None:
        self._live()
        if not (self.answered or self.has_media):
            await self._signal(183)
        await self._until(self._media)

    @override
    async def answer(self, headers: Mapping[str, str] | None = None) -> None:
        self._live()
        if not self.answered:
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
        if self._is_claimed and not self.answered:
            add_headers(how, {CLAIMED: "1"})
        if self._call.ended is None:
            with suppress(pj.Error):  # it is over: the news is on its way
                self._call.hangup(how)

    @override
    async def until_ended(self) -> Ended:
        await self._over.wait()
        return self._how

    @override
    async def next_digit(self) -> str:
        while True:
            self._live()
            if key := self._keypad.next():
                return key
            await self._keypad.until_pressed()

    @override
    async def send_digits(
        self, digits: str, *, tone_ms: int = 160, by: KeysBy = KeysBy.ANY
    ) -> None:
        check_digits(digits)
        self._need_media()
        async with self._sends:  # first come, first served: digits must not mix
            for digit in digits:
                self._need_media()
                if digit in PAUSES_S:
                    await self._pause(PAUSES_S[digit])
                else:
                    self._send_digit(digit, tone_ms, by)
                    self._watch(digit, Party.US)
                    await self._pause(tone_ms / 1000 + BETWEEN_DIGITS_S)

    @override
    async def next_referral(self) -> Referral:
        with self._referrals.awaited():
            while not (came := self._referrals.first()):
                self._live()  # one that came just before the end still counts
                await self._referrals.news.wait()
            return came

    @override
    def report_referral(self, referral: Referral, sip_status: int) -> None:
        if self._call.ended is None:
            with suppress(pj.Error):  # it is over: the news is on its way
                self._referrals.tell(referral, sip_status)

    def refer(self, to: str) -> None:
        """Ask that whom it talks to be connected to `to`; only a phone's part does."""
        self._live()
        try:
            self._call.xfer(to, pj.CallOpParam())
        except pj.Error as error:
            raise MediaError(f"not referred: {error.reason}") from error

    def take_referral(self, to: str, number: str) -> None:
        """What the edge accepted in our name; empty `to`: only to be declined."""
        if self._call.ended is None:
            with suppress(pj.Error):
                self._referrals.take(to, number)

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
        if (port := self._port()) is not None:
            with suppress(pj.Error):  # the stream is gone: the news is on its way
                self._bridge.silence.startTransmit(port)
        self.audio.connect()

    def _port(self) -> pj.AudioMedia | None:
        """The stream's port now; asked each time, it changes with every re-INVITE."""
        if self._call.ended is not None:
            return None
        try:
            return self._call.getAudioMedia(FIRST_AUDIO)
        except pj.Error:
            return None

    def _hear_tones(self, *, wanted: bool) -> None:
        """Look for keys in the audio, or stop it."""
        if self._tones is not None and not wanted:
            self.audio.dismiss(self._tones)
            self._tones = None
        elif self._tones is None and wanted:
            ear = ToneEar(self._keypad, self._bridge.clock_rate_hz)
            try:
                self._tones = self._bridge.listener(ear.hear, TONES_FRAME_S)
            except MediaError as error:
                log.warning("tones_not_heard", why=str(error))
            else:
                self.audio.give_to(self._tones)

    def _send_digit(self, digit: str, tone_ms: int, by: KeysBy) -> None:
        how = pj.CallSendDtmfParam()
        how.digits = digit
        how.duration = tone_ms
        how.method = pj.PJSUA_DTMF_METHOD_RFC2833
        try:
            self._call.sendDtmf(how)
        except pj.Error as refusal:  # the far end has no telephone-event
            if by is KeysBy.PACKETS:
                raise MediaError(f"digit not sent: {refusal.reason}") from refusal
            how.method = pj.PJSUA_DTMF_METHOD_SIP_INFO
            try:
                self._call.sendDtmf(how)
            except pj.Error as error:
                raise MediaError(f"digit not sent: {error.reason}") from error

    def _finish(self) -> None:
        self._hear_tones(wanted=False)
        self._keypad.wake()
        self._referrals.news.set()
        self._is_over()
        self._when_over(self)

    async def _signal(
        self, status: int, headers: Mapping[str, str] | None = None
    ) -> None:
        """Send a response to the INVITE; a session that takes none is ended."""
        response = pj.CallOpParam()
        response.statusCode = status
        add_headers(response, headers or {})
        self._has_signalled = True
        try:
            self._live()
            self._call.answer(response)
        except pj.Error as error:  # cancelled meanwhile, or no codec in common
            log.info("sip_response_refused", sip_status=status, why=error.reason)
            await self.hang_up(CANNOT_ANSWER)
            self._live()


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
