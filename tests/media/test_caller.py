"""Who calls and who forwarded, as carriers say it in their different ways."""

import pytest

from voiceplat.calls.leg import Invite
from voiceplat.media.caller import Caller, caller_of, forwarder_of

NOBODY = Caller("anonymous", "anonymous", withheld=True)
ASSERTED = '"Ann" <sip:+15550199@carrier.example>, <tel:+1-555-0199>'


def invite(from_uri: str, name: str = "", **headers: str) -> Invite:
    told = {key.replace("_", "-"): value for key, value in headers.items()}
    return Invite("1", from_uri, name, "sip:1@edge", "c", told)


def test_a_caller_who_shows_a_number_is_that_number() -> None:
    asserted = invite("sip:+15550100@c", "Bob", p_asserted_identity=ASSERTED)

    caller = caller_of(asserted, trusted=True)

    assert caller == Caller("15550100", "Bob", withheld=False)


def test_a_shown_number_may_be_meant_for_us_alone() -> None:
    assert caller_of(invite("sip:+1555@c", privacy="id"), trusted=False).withheld


@pytest.mark.parametrize(
    "from_uri", ["sip:anonymous@anonymous.invalid", "sip:Anonymous@192.0.2.1"]
)
def test_a_trusted_trunk_tells_who_is_withheld(from_uri: str) -> None:
    call = invite(from_uri, "Anonymous", privacy="id", p_asserted_identity=ASSERTED)

    assert caller_of(call, trusted=True) == Caller("15550199", "Ann", withheld=True)


def test_nobody_else_is_believed() -> None:
    call = invite("sip:anonymous@anonymous.invalid", p_asserted_identity=ASSERTED)

    assert caller_of(call, trusted=False) == NOBODY


def test_a_trusted_trunk_may_not_know_either() -> None:
    assert caller_of(invite("sip:anonymous@c"), trusted=True) == NOBODY


def test_an_identity_may_be_a_telephone_uri() -> None:
    call = invite("sip:anonymous@c", p_asserted_identity="<tel:+1-555-0199>")

    assert caller_of(call, trusted=True).number == "15550199"


@pytest.mark.parametrize(
    ("header", "number"),
    [
        ("", ""),
        ("<sip:+15550123@carrier.example>;reason=unconditional", "15550123"),
        ('"A, B" <sip:+15550123@c>;reason=busy, <sip:+15550124@c>', "15550123"),
        ("<tel:+1-555-0123>;reason=no-answer", "15550123"),
        ("sip:15550123@c;reason=unknown", "15550123"),
    ],
)
def test_a_diversion_names_the_last_forwarder_first(header: str, number: str) -> None:
    assert forwarder_of({"diversion": header}, trusted=False) == number


@pytest.mark.parametrize(
    ("header", "number"),
    [
        ("<sip:+1@c>;index=1", ""),
        ("<sip:+1@c>;index=1, <sip:+2@c>;index=1.1;rc=1", ""),
        ("<sip:+1@c>;index=1, <sip:+2@c;cause=302>;index=1.1;mp=1", "1"),
        (
            "<sip:+1@c>;index=1,<sip:+2@c>;index=1.1;rc=1,<sip:+3@d>;index=1.1.1;mp=1.1",
            "2",
        ),
        ("<sip:+1@c>;index=1, <sip:+2@c;cause=486>;index=1.1", "1"),
        (
            "<sip:+1@c?Reason=SIP%3Bcause%3D302>;index=1, <sip:+2@c>;index=1.1",
            "1",
        ),
        (
            "<sip:+1@c>;index=1,<sip:+2@c>;index=1.1;mp=1,<sip:+3@c>;index=1.2;mp=1.1",
            "2",
        ),
    ],
)
def test_a_history_names_who_sent_the_call_on_last(header: str, number: str) -> None:
    assert forwarder_of({"history-info": header}, trusted=False) == number


def test_a_diversion_counts_more_than_a_history() -> None:
    both = {
        "diversion": "<sip:+15550123@c>",
        "history-info": "<sip:+1@c>;index=1, <sip:+2@c>;index=1.1;mp=1",
    }

    assert forwarder_of(both, trusted=False) == "15550123"


@pytest.mark.parametrize(
    "headers",
    [
        {"diversion": "<sip:+1@c>;privacy=full"},
        {
            "history-info": "<sip:+1@c?Privacy=history>;index=1, "
            "<sip:+2@c>;index=1.1;mp=1"
        },
    ],
)
def test_a_forwarder_who_is_withheld_is_told_by_trusted_trunks_alone(
    headers: dict[str, str],
) -> None:
    assert forwarder_of(headers, trusted=True) == "1"
    assert forwarder_of(headers, trusted=False) == ""
