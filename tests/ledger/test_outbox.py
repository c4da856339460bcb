from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.bus.calls import NORMAL, a_call
from voiceplat.calls.call import Call, EndedCall, Hook, LiveCall
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.ledger.outbox import hangup_notice, ring_notice

RING = Hook(url="http://c/ring", method="GET")
HANGUP = Hook(url="http://c/hangup")


def ended(call: Call) -> EndedCall:
    answered = NORMAL.at - timedelta(seconds=90)
    return EndedCall(
        call=call,
        status=CallStatus.IN_PROGRESS,
        answered_at=answered,
        end=NORMAL,
    )


def ringing(call: Call) -> LiveCall:
    return LiveCall(call=call, status=CallStatus.RINGING)


def test_ringing_is_told_to_the_ring_url() -> None:
    notice = ring_notice(ringing(a_call(ring=RING)))

    assert notice is not None
    assert notice.hook == RING
    assert notice.params["Event"] == "Ring"
    assert notice.params["CallStatus"] == "ringing"


def test_without_a_ring_url_ringing_is_not_told() -> None:
    assert ring_notice(ringing(a_call())) is None


def test_inbound_ringing_is_not_told() -> None:
    call = a_call(ring=RING, direction=Direction.INBOUND)

    assert ring_notice(ringing(call)) is None


def test_the_end_is_told_to_the_hangup_url() -> None:
    notice = hangup_notice(ended(a_call(hangup=HANGUP)), UTC)

    assert notice is not None
    assert notice.hook == HANGUP
    assert notice.params["Event"] == "Hangup"
    assert notice.params["Duration"] == "90"


def test_the_end_is_told_in_the_account_s_zone() -> None:
    notice = hangup_notice(ended(a_call(hangup=HANGUP)), ZoneInfo("Asia/Kolkata"))

    assert notice is not None
    assert NORMAL.at == datetime(2030, 1, 2, tzinfo=UTC)
    assert notice.params["EndTime"] == "2030-01-02 05:30:00"


def test_without_a_hangup_url_the_end_is_not_told() -> None:
    assert hangup_notice(ended(a_call()), UTC) is None
