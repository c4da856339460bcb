"""Messages whose call is not known yet, and those of nobody's call."""

import asyncio
import socket
from collections.abc import Iterable

import pytest

from tests.edge.hep_packets import Place, envelope
from tests.fakes.timeline import FakeTimeline
from voiceplat.calls.timeline import SipMessage
from voiceplat.core.ids import CallUuid, new_call_uuid
from voiceplat.core.settings import Settings
from voiceplat.core.timeline_settings import TimelineSettings
from voiceplat.edge import sip_trace
from voiceplat.edge.sip_trace import (
    CannotListen,
    SipTrace,
    TraceSocket,
    trace_socket,
    tracing,
)

SETTINGS = Settings()
PRIVATE = (SETTINGS.sip.private_host, SETTINGS.sip.private_port)
OUTSIDE = (SETTINGS.sip.host, SETTINGS.sip.port)
WORKER, CARRIER = ("127.0.0.1", 7000), ("127.0.0.3", 5062)


class Trace:
    def __init__(self) -> None:
        self.timeline = FakeTimeline()
        self.named: dict[str, CallUuid] = {}
        self.trace = SipTrace(SETTINGS, "key", self.timeline, self._calls_of)

    async def _calls_of(self, call_ids: Iterable[str]) -> dict[str, CallUuid]:
        return {it: self.named[it] for it in call_ids if it in self.named}

    def comes(
        self, source: Place, target: Place, *headers: str, key: str = "key"
    ) -> None:
        lines = ("INVITE sip:1@e SIP/2.0", "Call-ID: a@b", *headers, "", "")
        text = "\r\n".join(lines)
        self.trace.take(envelope(text, source, target, key=key))

    @property
    def sides(self) -> list[bool]:
        moments = self.timeline.moments
        return [it.outside for it in moments if isinstance(it, SipMessage)]


async def test_a_message_waits_until_a_worker_names_its_call() -> None:
    trace = Trace()
    trace.comes(CARRIER, OUTSIDE)
    trace.comes(PRIVATE, WORKER)
    await trace.trace.look()
    before = list(trace.sides)

    trace.named["a@b"] = new_call_uuid()
    await trace.trace.look()
    trace.comes(OUTSIDE, CARRIER)

    assert before == []
    assert trace.sides == [True, False, True]


async def test_a_worker_that_dials_names_the_call_itself() -> None:
    trace = Trace()
    trace.comes(WORKER, PRIVATE, f"X-VP-Call: {new_call_uuid()}")
    trace.comes(OUTSIDE, CARRIER)

    assert trace.sides == [False, True]


async def test_nobody_outside_can_name_a_call() -> None:
    trace = Trace()
    trace.comes(CARRIER, OUTSIDE, f"X-VP-Call: {new_call_uuid()}")
    await trace.trace.look()

    assert trace.sides == []


async def test_who_does_not_know_the_password_is_not_heard() -> None:
    trace = Trace()
    trace.comes(WORKER, PRIVATE, f"X-VP-Call: {new_call_uuid()}", key="guessed")

    assert trace.sides == []


async def test_what_came_before_the_end_is_noted_all_the_same() -> None:
    timeline, uuid = FakeTimeline(), new_call_uuid()
    named = envelope(
        f"INVITE sip:1@e SIP/2.0\r\nCall-ID: a@b\r\nX-VP-Call: {uuid}\r\n\r\n",
        WORKER,
        PRIVATE,
        key="key",
    )

    async def nobodys(_: Iterable[str]) -> dict[str, CallUuid]:
        return {}

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.bind(("127.0.0.1", 0))
        ours.setblocking(False)
        at = TraceSocket(ours, "key")
        async with tracing(at, SETTINGS, timeline, nobodys):
            await asyncio.sleep(0)
            for _ in range(3):
                ours.sendto(named, ours.getsockname())
            await asyncio.sleep(sip_trace.TOGETHER_S / 2)

    assert len(timeline.moments) == 3


def test_a_port_that_is_taken_is_named() -> None:
    with trace_socket(SETTINGS) as first:
        assert first is not None
        timeline = TimelineSettings(trace_port=first.port)
        taken = SETTINGS.model_copy(update={"timeline": timeline})
        with pytest.raises(CannotListen, match=str(first.port)), trace_socket(taken):
            pass


def test_there_is_no_socket_when_nobody_wants_to_see_sip() -> None:
    timeline = TimelineSettings(sip=False)
    with trace_socket(SETTINGS.model_copy(update={"timeline": timeline})) as none:
        assert none is None


async def test_waiting_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sip_trace, "WAITS_S", -1.0)
    trace = Trace()
    trace.comes(CARRIER, OUTSIDE)
    await trace.trace.look()

    trace.named["a@b"] = new_call_uuid()
    await trace.trace.look()

    assert trace.sides == []
