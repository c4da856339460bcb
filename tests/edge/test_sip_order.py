"""Messages whose copies came in another order than they themselves."""

from datetime import UTC, datetime, timedelta

import pytest

from voiceplat.edge import sip_order
from voiceplat.edge.sip_order import SipOrder, Traced

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def message(
    line: str, cseq: str, ms: int, *, sent: bool, call_id: str = "a@b"
) -> Traced:
    at = NOON + timedelta(milliseconds=ms)
    return Traced(call_id, outside=True, sent=sent, first_line=line, cseq=cseq, at=at)


INVITE = "INVITE sip:1@e SIP/2.0"
OK = "SIP/2.0 200 OK"
RINGING = "SIP/2.0 180 Ringing"
ACK = "ACK sip:1@e SIP/2.0"


def in_order(*messages: Traced) -> list[str]:
    order = SipOrder()
    timed = [(order.time_of(it), it.first_line) for it in messages]
    return [line for _, line in sorted(timed)]


def test_a_request_is_before_its_responses() -> None:
    came = message(RINGING, "1 INVITE", 5, sent=False)
    late = message(INVITE, "1 INVITE", 9, sent=True)

    assert in_order(came, late) == [INVITE, RINGING]


def test_an_answer_is_before_its_ack() -> None:
    ack = message(ACK, "1 ACK", 5, sent=False)
    ringing = message(RINGING, "1 INVITE", 1, sent=True)
    late = message(OK, "1 INVITE", 9, sent=True)

    assert in_order(ringing, ack, late) == [RINGING, OK, ACK]


def test_what_was_sent_again_stays_where_it_is() -> None:
    messages = [
        message(INVITE, "1 INVITE", 0, sent=True),
        message(RINGING, "1 INVITE", 5, sent=False),
        message(INVITE, "1 INVITE", 9, sent=True),
    ]

    assert in_order(*messages) == [INVITE, RINGING, INVITE]


def test_the_ack_of_another_request_says_nothing() -> None:
    refused = "SIP/2.0 407 Proxy Authentication Required"
    messages = [
        message(refused, "1 INVITE", 1, sent=True),
        message(ACK, "1 ACK", 2, sent=False),
        message(OK, "2 INVITE", 9, sent=True),
    ]

    assert in_order(*messages) == [refused, ACK, OK]


def test_calls_that_are_long_gone_are_unknown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sip_order, "CALLS_MAX", 1)
    order = SipOrder()
    order.time_of(message(RINGING, "1 INVITE", 5, sent=False))
    order.time_of(message(RINGING, "1 INVITE", 5, sent=False, call_id="other"))
    late = message(INVITE, "1 INVITE", 9, sent=True)

    assert order.time_of(late) == late.at
