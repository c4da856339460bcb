"""The library's callbacks: each copies what happened and posts it to the loop.

They run on threads of the library, with its locks held. So none of them waits, calls
back into a call, or lets an exception out (it would unwind through C++ and abort the
process). `getInfo()` and `getStreamStat()` are the exceptions: the first is valid
only here once a call is over, the second only while its stream still stands.
"""

import asyncio
import functools
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, ParamSpec

import pjsua2 as pj
import structlog
from typing_extensions import override

from voiceplat.calls.leg import Ended, Party, Quality
from voiceplat.telephony.key_packets import KeyPacket
from voiceplat.telephony.sip_message import SipMessage, key_of_info, parse_message

log = structlog.get_logger()

P = ParamSpec("P")

ANSWERED: Final = (pj.PJSIP_INV_STATE_CONNECTING, pj.PJSIP_INV_STATE_CONFIRMED)
EVENT_IS_END: Final = 2
"""PJMEDIA_STREAM_DTMF_IS_END."""
CHALLENGES: Final = (401, 407)
NO_MEDIA: Final = (pj.PJSUA_CALL_MEDIA_NONE, pj.PJSUA_CALL_MEDIA_ERROR)


@dataclass(frozen=True, slots=True)
class Rang:
    """A provisional response above 100 came."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A 200 was received or sent."""


@dataclass(frozen=True, slots=True)
class MediaChanged:
    """An offer was answered: audio may flow, another way than before perhaps."""

    codec: str
    remote: str
    """`IP:PORT` that our RTP goes to."""
    key_packets: bool = True
    """Whether the far end sends its keys by RFC 4733."""


@dataclass(frozen=True, slots=True)
class StreamClosed:
    quality: Quality


@dataclass(frozen=True, slots=True)
class KeyByInfo:
    key: str


Fact = Rang | Answered | MediaChanged | StreamClosed | KeyPacket | KeyByInfo | Ended


def contained(callback: Callable[P, None]) -> Callable[P, None]:
    """Log what a callback raises: it must not reach the C++ code that called it."""

    @functools.wraps(callback)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            callback(*args, **kwargs)
        except Exception:
            log.exception("pj_callback_failed", callback=callback.__name__)

    return run


class Slots:
    """The last call of each of the library's slots, kept until the next one ends.

    A call object acts on its slot even when it is destroyed: it would hang up whoever
    has the slot by then. And it must not be destroyed while its own callback runs.
    Both hold at one moment: when the next call of the same slot has just ended.
    """

    def __init__(self) -> None:
        self._last: dict[int, PjCall] = {}

    def ended(self, call: "PjCall") -> None:
        slot = call.getId()
        if slot == pj.PJSUA_INVALID_ID:
            return
        previous = self._last.get(slot)
        self._last[slot] = call
        if previous is not None and previous is not call:
            previous.destroy()

    def clear(self) -> None:
        """Destroy all; only when no callback can come any more."""
        for call in self._last.values():
            call.destroy()
        self._last.clear()


class PjCall(pj.Call):
    """One INVITE session of the library."""

    def __init__(
        self,
        account: pj.Account,
        slots: Slots,
        loop: asyncio.AbstractEventLoop,
        call_id: int = pj.PJSUA_INVALID_ID,
    ) -> None:
        super().__init__(account, call_id)
        self.receiver: Callable[[Fact], None] | None = None
        """Who gets the facts, on the loop's thread."""
        self.answered = False
        self.ended: Ended | None = None
        """Once set, no command may be given: the slot may be another call's."""
        self._slots = slots
        self._loop = loop
        self._cancelled_by: SipMessage | None = None
        self._challenged = False

    def _post(self, fact: Fact) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(self._deliver, fact)

    def _deliver(self, fact: Fact) -> None:
        if self.receiver is not None:
            self.receiver(fact)

    def destroy(self) -> None:
        """Free the library's half now, whoever still holds this one."""
        pj.Call.__swig_destroy__(self)

    @contained
    @override
    def onCallState(self, prm: pj.OnCallStateParam) -> None:
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_EARLY:
            self._post(Rang())
        elif info.state in ANSWERED:
            self.answered = True
            self._post(Answered())
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED and self.ended is None:
            self.finish(self._how_it_ended(info, prm.e))

    def finish(self, ended: Ended) -> None:
        self.ended = ended
        self._slots.ended(self)
        self._post(ended)

    def _how_it_ended(self, info: pj.CallInfo, event: pj.SipEvent) -> Ended:
        status = 200 if self.answered else info.lastStatusCode
        asked = self._challenged or status in CHALLENGES
        if event.type == pj.PJSIP_EVENT_USER:
            return Ended(Party.US, status, info.lastReason, challenged=asked)
        told = event.body.tsxState.src.rdata.wholeMsg
        headers = (self._cancelled_by or parse_message(told)).headers
        return Ended(Party.FAR, status, info.lastReason, headers, challenged=asked)

    @contained
    @override
    def onCallTsxState(self, prm: pj.OnCallTsxStateParam) -> None:
        state = prm.e.body.tsxState
        if state.type != pj.PJSIP_EVENT_RX_MSG:
            return
        if state.tsx.statusCode in CHALLENGES:
            self._challenged = True
        elif state.tsx.method == "CANCEL":
            # the event that ends a cancelled call shows our 487, not this
            self._cancelled_by = parse_message(state.src.rdata.wholeMsg)
        elif state.tsx.method == "INFO":
            # the library itself reads fewer spellings of a key
            message = parse_message(state.src.rdata.wholeMsg)
            if message.is_request and (key := key_of_info(message)):
                self._post(KeyByInfo(key))

    @contained
    @override
    def onCallMediaState(self, prm: pj.OnCallMediaStateParam) -> None:
        # `info` must outlive the loop: its media vector belongs to it
        info = self.getInfo()
        for media in info.media:
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status not in NO_MEDIA:
                self._post(self._media(media.index))
                return

    def _media(self, index: int) -> MediaChanged:
        try:
            stream = self.getStreamInfo(index)
        except pj.Error:  # both directions are on hold: there is no stream
            return MediaChanged("", "")
        key_packets = stream.audTxEventPt >= 0
        return MediaChanged(stream.codecName, stream.remoteRtpAddress, key_packets)

    @contained
    @override
    def onStreamDestroyed(self, prm: pj.OnStreamDestroyedParam) -> None:
        self._post(StreamClosed(read_quality(self, prm.streamIdx)))

    @contained
    @override
    def onDtmfEvent(self, prm: pj.OnDtmfEventParam) -> None:
        # onDtmfDigit would swallow a key that comes twice when packets are lost
        if prm.method == pj.PJSUA_DTMF_METHOD_RFC2833:
            is_end = bool(prm.flags & EVENT_IS_END)
            packet = KeyPacket(prm.digit, prm.timestamp, prm.duration, is_end)
            self._post(packet)


def read_quality(call: pj.Call, stream: int = 0) -> Quality:
    """What RTCP and the jitter buffer say now; zeros when there is no stream."""
    try:
        stat = call.getStreamStat(stream).rtcp
    except pj.Error:
        return Quality()
    return Quality(
        packets_sent=stat.txStat.pkt,
        packets_received=stat.rxStat.pkt,
        packets_lost=stat.rxStat.loss,
        jitter_ms=stat.rxStat.jitterUsec.mean / 1000,
    )
