"""Copies of the calls' SIP messages, from Kamailio into the calls' timelines.

Which call a message belongs to, its Call-ID tells, the same on both sides of the edge.
A worker that dials names the call in its INVITE; that of a call that comes in tells the
bus. Until then messages wait here, a few seconds and not too many of them.
"""

import asyncio
import socket
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Final

import structlog

from voiceplat.calls.timeline import SipMessage, Timeline
from voiceplat.core.errors import Unavailable, VoiceplatError
from voiceplat.core.ids import CallUuid
from voiceplat.core.settings import Settings
from voiceplat.core.sip_settings import SipSettings
from voiceplat.edge import seen_message
from voiceplat.edge.hep import BadEnvelope, Captured, opened
from voiceplat.edge.sip_order import SipOrder, Traced

log = structlog.get_logger()


class CannotListen(VoiceplatError):
    """The port for Kamailio's copies is taken; says which."""


CallsOf = Callable[[Iterable[str]], Awaitable[dict[str, CallUuid]]]

ASK_EVERY_S: Final = 0.5
WAITS_S: Final = 15.0
"""How long a message waits for its call to be known; then it has none."""
WAITING_MAX: Final = 2000
DIALOGS_MAX: Final = 20_000
"""Calls that are known here; of more the longest silent one is asked for again."""
RECEIVE_BUFFER: Final = 1024 * 1024
PACKET_MAX: Final = 65536
TOGETHER_S: Final = 0.05
"""Messages wait so long in the kernel: whoever works on their call goes first."""
TOGETHER_MAX: Final = 500
"""Taken in without a pause for anything else that this process does."""


@dataclass(frozen=True, slots=True)
class TraceSocket:
    """Where Kamailio sends its copies, and the password that shows that it is it."""

    socket: socket.socket
    key: str = field(default_factory=lambda: token_hex(16), repr=False)

    @property
    def port(self) -> int:
        port: int = self.socket.getsockname()[1]
        return port


@contextmanager
def trace_socket(settings: Settings) -> Iterator[TraceSocket | None]:
    """None when SIP messages are not to be noted. Raises CannotListen."""
    timeline = settings.timeline
    if not (timeline.enabled and timeline.sip):
        yield None
        return
    at = (settings.sip.private_host, timeline.trace_port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        try:
            made.bind(at)
        except OSError as error:
            why = f"timeline.trace_port: {_shown(at)} cannot be used: {error.strerror}"
            raise CannotListen(why) from error
        yield TraceSocket(made)


@dataclass(frozen=True, slots=True)
class _Waiting:
    until: float
    call_id: str
    message: SipMessage


class SipTrace:
    def __init__(
        self, settings: Settings, key: str, timeline: Timeline, calls_of: CallsOf
    ) -> None:
        self._sip = settings.sip
        self._digits = settings.timeline.digits
        self._ours = _sockets_of(settings.sip)
        self._order = SipOrder()
        self._key = key.encode()
        self._timeline = timeline
        self._calls_of = calls_of
        self._dialogs: OrderedDict[str, CallUuid] = OrderedDict()
        self._waiting: deque[_Waiting] = deque(maxlen=WAITING_MAX)

    async def listen(self, to: socket.socket) -> None:
        """Take in what Kamailio sends, until cancelled."""
        while True:
            first = await asyncio.get_running_loop().sock_recv(to, PACKET_MAX)
            try:
                await asyncio.sleep(TOGETHER_S)
            finally:
                self.take(first)
                self.take_waiting(to)

    def take_waiting(self, at: socket.socket) -> None:
        with suppress(BlockingIOError):
            for _ in range(TOGETHER_MAX):
                self.take(at.recv(PACKET_MAX))

    def take(self, packet: bytes) -> None:
        try:
            self._take(opened(packet))
        except BadEnvelope as error:
            log.debug("trace_not_read", why=str(error))
        except Exception:  # a strange message must not end the trace
            log.exception("trace_broke")

    def _take(self, captured: Captured) -> None:
        if captured.key != self._key:
            return
        text = captured.payload.decode(errors="replace")
        inside = (self._sip.private_host, self._sip.private_port)
        outside = inside not in (captured.source, captured.target)
        call_id = seen_message.call_id(text)
        if not outside:
            call_id = seen_message.about_call_id(text) or call_id
            if captured.target == inside and (named := seen_message.call_uuid(text)):
                self._know(call_id, CallUuid(named))
        first_line = text.partition("\r\n")[0]
        traced = Traced(
            call_id=call_id,
            outside=outside,
            sent=captured.source in self._ours,
            first_line=first_line,
            cseq=seen_message.cseq(text),
            at=captured.at,
        )
        message = SipMessage(
            at=self._order.time_of(traced),
            source=_shown(captured.source),
            target=_shown(captured.target),
            transport=_transport(captured, self._sip),
            outside=outside,
            first_line=first_line,
            call_id=call_id,
            text=seen_message.blotted(text, digits=self._digits),
        )
        self._note(message)

    def _note(self, message: SipMessage) -> None:
        if uuid := self._dialogs.get(message.call_id):
            self._dialogs.move_to_end(message.call_id)
            self._timeline.note(uuid, message)
        else:
            until = asyncio.get_running_loop().time() + WAITS_S
            self._waiting.append(_Waiting(until, message.call_id, message))

    def _know(self, call_id: str, uuid: CallUuid) -> None:
        self._dialogs[call_id] = uuid
        if len(self._dialogs) > DIALOGS_MAX:
            self._dialogs.popitem(last=False)

    async def follow_dialogs(self) -> None:
        """Find the calls of messages that wait, until cancelled."""
        while True:
            await asyncio.sleep(ASK_EVERY_S)
            try:
                await self.look()
            except Unavailable as error:
                log.debug("dialogs_not_asked", why=str(error))
            except Exception:  # an aid must not end what it watches
                log.exception("trace_broke")

    async def look(self) -> None:
        """Note what waits and whose call is known by now. Raises Unavailable."""
        if not self._waiting:
            return
        unknown = {it.call_id for it in self._waiting} - self._dialogs.keys()
        for call_id, found in (await self._calls_of(unknown)).items():
            self._know(call_id, found)
        now = asyncio.get_running_loop().time()
        waiting, self._waiting = self._waiting, deque(maxlen=WAITING_MAX)
        for it in waiting:
            if uuid := self._dialogs.get(it.call_id):
                self._timeline.note(uuid, it.message)
            elif it.until > now:
                self._waiting.append(it)


@asynccontextmanager
async def tracing(
    at: TraceSocket | None, settings: Settings, timeline: Timeline, calls_of: CallsOf
) -> AsyncIterator[SipTrace | None]:
    """Messages are taken in while the block runs; None when there is no socket."""
    if at is None:
        yield None
        return
    trace = SipTrace(settings, at.key, timeline, calls_of)
    listening = asyncio.create_task(trace.listen(at.socket))
    try:
        yield trace
    finally:
        listening.cancel()
        await asyncio.wait({listening})
        trace.take_waiting(at.socket)


def _sockets_of(sip: SipSettings) -> frozenset[tuple[str, int]]:
    """From which the edge sends."""
    outside = ((sip.host, port) for port in (sip.port, sip.tls_port, sip.wss_port))
    inside = (sip.private_host, sip.private_port)
    return frozenset({*outside, inside, (sip.ws_host, sip.ws_port)})


def _shown(place: tuple[str, int]) -> str:
    return f"{place[0]}:{place[1]}"


def _transport(captured: Captured, sip: SipSettings) -> str:
    """HEP has one number for all that is neither UDP nor TCP: the port tells."""
    if captured.is_udp:
        return "udp"
    ports = {captured.source[1], captured.target[1]}
    by_port = {sip.wss_port: "wss", sip.ws_port: "ws", sip.tls_port: "tls"}
    return next((name for port, name in by_port.items() if port in ports), "tcp")
