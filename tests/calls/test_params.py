"""Fields of requests about a call, name by name (plivo-rest 8.2, 8.3)."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.fakes.session import MAIN, UUID, a_call
from voiceplat.calls import conference_params, params
from voiceplat.calls.call import Call, EndedCall, EndFacts
from voiceplat.calls.conference import Badge
from voiceplat.calls.hangup import CAUSES
from voiceplat.calls.recording import RoomRecording
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.core.ids import new_recording_id

MEMBER = Badge("team", "uuid", 1, first=True)
TAPE = RoomRecording(id=new_recording_id(), url="http://api/1.mp3")
PAGE = Path(__file__).parents[2] / "docs/callbacks.md"
RINGING, TALKING = CallStatus.RINGING, CallStatus.IN_PROGRESS
BEGAN = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


def outbound(**facts: object) -> Call:
    return a_call(Direction.OUTBOUND, **facts)


def ended(
    call: Call, *, code: int = 4000, talked: timedelta | None = timedelta(seconds=61)
) -> EndedCall:
    answered = None if talked is None else BEGAN + timedelta(seconds=5)
    return EndedCall(
        call=call,
        status=TALKING if answered else RINGING,
        answered_at=answered,
        end=EndFacts(
            cause_code=code,
            source="Caller",
            at=BEGAN + timedelta(seconds=5) + (talked or timedelta(0)),
        ),
    )


@pytest.mark.statement(52)
@pytest.mark.parametrize(
    "fields",
    [
        params.start_app(a_call(), RINGING),
        params.redirect(a_call(), TALKING, {}),
        params.ring(outbound()),
        params.hangup(ended(a_call()), UTC),
    ],
)
def test_every_request_says_which_call_it_is_about(fields: dict[str, str]) -> None:
    assert fields["CallUUID"] == UUID
    assert {"From", "To", "CallStatus", "Direction"} <= fields.keys()


@pytest.mark.statement(53)
def test_the_answer_request_of_an_inbound_call_says_that_it_rings() -> None:
    fields = params.start_app(a_call(caller_name="15550100"), RINGING)

    assert fields == {
        "CallUUID": UUID,
        "From": "15550100",
        "To": "15550199",
        "CallStatus": "ringing",
        "Direction": "inbound",
        "Event": "StartApp",
        "CallerName": "15550100",
        "SessionStart": "2026-03-01 12:00:00.250000",
        "ParentAuthID": MAIN,
        "BillRate": "0.00000",
        "STIRVerification": "Not Applicable",
        "STIRAttestation": "",
    }


@pytest.mark.statement(54)
def test_the_answer_request_of_an_api_call_says_that_it_is_in_progress() -> None:
    fields = params.start_app(outbound(), TALKING)

    assert (fields["CallStatus"], fields["Direction"]) == ("in-progress", "outbound")


@pytest.mark.statement(55)
def test_api_calls_add_the_family_of_request_ids_and_inbound_calls_do_not() -> None:
    family = {"ALegUUID", "ALegRequestUUID", "RequestUUID"}

    assert family <= params.standard(outbound(), TALKING).keys()
    assert {params.standard(outbound(), TALKING)[name] for name in family} == {UUID}
    assert not family & params.standard(a_call(), TALKING).keys()


@pytest.mark.statement(59)
def test_forwarded_from_is_there_only_on_forwarded_calls() -> None:
    forwarded = a_call(forwarded_from="15550111")

    assert params.standard(forwarded, RINGING)["ForwardedFrom"] == "15550111"
    assert "ForwardedFrom" not in params.standard(a_call(), RINGING)


@pytest.mark.statement(71)
def test_custom_sip_headers_are_fields_of_the_same_name() -> None:
    fields = params.standard(a_call(sip_headers={"b": "2", "Order-Id": "7"}), RINGING)

    assert (fields["X-PH-b"], fields["X-PH-Order-Id"]) == ("2", "7")


@pytest.mark.statement(49)
def test_a_redirect_says_so_and_has_the_elements_own_fields() -> None:
    fields = params.redirect(a_call(), TALKING, {"Digits": "42"})

    assert (fields["Event"], fields["Digits"]) == ("Redirect", "42")
    assert fields["CallStatus"] == "in-progress"


def test_the_ring_request_is_of_a_ringing_outbound_call() -> None:
    fields = params.ring(outbound())

    assert (fields["Event"], fields["CallStatus"]) == ("Ring", "ringing")
    assert fields["RequestUUID"] == UUID


@pytest.mark.statement(61, 62)
def test_the_hangup_request_tells_why_and_how_long() -> None:
    fields = params.hangup(ended(a_call()), ZoneInfo("Asia/Kolkata"))

    told = {name: fields[name] for name in fields.keys() - _standard_names()}
    assert told == {
        "HangupCause": "NORMAL_CLEARING",
        "HangupCauseCode": "4000",
        "HangupCauseName": "Normal Hangup",
        "HangupSource": "Caller",
        "Duration": "61",
        "BillDuration": "61",
        "TotalCost": "0.00000",
        "StartTime": "2026-03-01 17:30:00",
        "AnswerTime": "2026-03-01 17:30:05",
        "EndTime": "2026-03-01 17:31:06",
    }
    assert (fields["Event"], fields["CallStatus"]) == ("Hangup", "completed")


def test_the_hangup_request_of_an_unanswered_call_has_no_answer_time() -> None:
    fields = params.hangup(ended(outbound(), code=3010, talked=None), UTC)

    assert (fields["AnswerTime"], fields["Duration"]) == ("", "0")
    assert (fields["CallStatus"], fields["HangupCauseCode"]) == ("busy", "3010")


@pytest.mark.parametrize(
    ("talked", "seconds"), [(0, 0), (1, 1), (1000, 1), (1001, 2), (59_999, 60)]
)
def test_a_second_begun_counts_whole(talked: int, seconds: int) -> None:
    call = ended(a_call(), talked=timedelta(milliseconds=talked))

    assert params.hangup(call, UTC)["Duration"] == str(seconds)


@pytest.mark.parametrize(
    ("direction", "code", "status"),
    [
        (Direction.OUTBOUND, 3000, CallStatus.NO_ANSWER),
        (Direction.OUTBOUND, 6010, CallStatus.TIMEOUT),
        (Direction.OUTBOUND, 1000, CallStatus.CANCEL),
        (Direction.OUTBOUND, 5020, CallStatus.FAILED),
        (Direction.OUTBOUND, 4010, CallStatus.NO_ANSWER),
        (Direction.INBOUND, 3010, CallStatus.BUSY),
        (Direction.INBOUND, 4010, CallStatus.COMPLETED),
    ],
)
def test_the_status_of_a_call_that_was_never_answered(
    direction: Direction, code: int, status: CallStatus
) -> None:
    call = ended(a_call(direction), code=code, talked=None)

    assert params.final_status(call) is status


# --- docs/callbacks.md -------------------------------------------------------------


def _standard_names() -> set[str]:
    every = a_call(
        caller_name="Ann",
        forwarded_from="15550111",
        sip_to_header="<sip:a@b>",
        sip_headers={"b": "2"},
    )
    names = params.standard(every, RINGING).keys()
    return {*names, *params.standard(outbound(), RINGING), "Event"}


def _documented(section: str) -> set[str]:
    text = PAGE.read_text().partition(f"## {section}\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE))


def test_the_page_of_callbacks_has_every_standard_field_and_no_other() -> None:
    names = {"X-PH-…" if it.startswith("X-PH-") else it for it in _standard_names()}

    assert _documented("In every request") == names


@pytest.mark.parametrize(
    ("section", "fields"),
    [
        ("answer_url and fallback_url", lambda: params.start_app(a_call(), RINGING)),
        ("Redirect and action", lambda: params.redirect(a_call(), TALKING, {})),
        ("ring_url", lambda: params.ring(outbound())),
        ("hangup_url", lambda: params.hangup(ended(a_call()), UTC)),
    ],
)
def test_the_page_of_callbacks_has_every_field_of_a_callback_and_no_other(
    section: str, fields: Callable[[], dict[str, str]]
) -> None:
    assert _documented(section) == fields().keys() - _standard_names()
    assert f"`{fields()['Event']}`" in PAGE.read_text().partition(f"## {section}\n")[2]


@pytest.mark.parametrize(
    ("section", "fields"),
    [
        ("GetDigits action", params.digits("1")),
        ("GetInput action", params.input_digits("1")),
        ("GetInput action", params.input_speech("yes", 0.5)),
        ("interimSpeechResultsCallback", params.interim_speech("a", "b", 0.5, 0)),
        ("Conference action", conference_params.left(MEMBER, TAPE)),
    ],
)
def test_the_page_of_callbacks_has_every_field_of_an_element_and_no_other(
    section: str, fields: dict[str, str]
) -> None:
    assert _documented(section) == fields.keys()


def test_the_page_of_callbacks_has_every_field_of_a_conference_and_no_other() -> None:
    fields = {
        *conference_params.enter(MEMBER),
        *conference_params.exit_(MEMBER, last=True, recording=TAPE),
        *conference_params.digits(MEMBER, "1"),
        *conference_params.floor(MEMBER),
        *conference_params.recorded(MEMBER),
    }

    assert _documented("Conference callbackUrl") == fields - {"Event"}


@pytest.mark.statement(124)
@pytest.mark.parametrize(
    ("confidence", "sent"), [(0.0, "0.00"), (0.876, "0.88"), (1.0, "1.00")]
)
def test_a_confidence_is_a_decimal_from_0_to_1(confidence: float, sent: str) -> None:
    fields = params.input_speech("yes", confidence)

    assert fields["SpeechConfidenceScore"] == sent


def test_the_page_of_callbacks_has_every_field_of_dial_and_no_other() -> None:
    leg = params.DialledLeg("a", "b", "1", "2", 1)
    action = params.dial_action(status="busy", cause="", rang=True, a_leg="", b_leg="")
    events = [
        params.dial_answer(leg),
        params.dial_connected(leg),
        params.dial_digits(leg, "1", by_a=True),
        params.dial_hangup(leg, CAUSES[4000], "Callee", 1),
    ]

    assert _documented("Dial action") == action.keys()
    assert _documented("Dial callbackUrl") == {
        name for event in events for name in event if name != "Event"
    }
    assert all(f"`{event['Event']}`" in PAGE.read_text() for event in events)
