"""SIP messages as they come over the wire."""

import pytest

from voiceplat.telephony.sip_message import (
    address,
    key_of_info,
    parse_invite,
    parse_message,
    split_address,
)

INVITE = (
    "INVITE sip:15550199;npdi@10.0.0.1:5070;user=phone SIP/2.0\r\n"
    "v: SIP/2.0/UDP 10.0.0.2;branch=z9hG4bK1\r\n"
    'f: "Ann \\"Q\\" Smith" <sip:+15550100@carrier.example;user=phone>;tag=1\r\n'
    "t: <sip:15550199@10.0.0.1>\r\n"
    "i: call-7\r\n"
    "X-VP-Kind: trunk\r\n"
    "x-ph-Colour: blue,\r\n"
    "  light\r\n"
    "X-VP-Kind: user\r\n"
    "\r\n"
    "X-PH-Body: no header\r\n"
)


def test_an_invite_tells_who_calls_whom() -> None:
    invite = parse_invite(INVITE)

    assert invite.request_user == "15550199"
    assert invite.from_uri == "sip:+15550100@carrier.example"
    assert invite.from_name == 'Ann "Q" Smith'
    assert invite.to_uri == "sip:15550199@10.0.0.1"
    assert invite.call_id == "call-7"


def test_headers_are_found_by_lower_case_names_and_the_first_one_counts() -> None:
    invite = parse_invite(INVITE)

    assert invite.headers["x-vp-kind"] == "trunk"
    assert invite.headers["via"].startswith("SIP/2.0/UDP 10.0.0.2")


def test_custom_headers_keep_their_names_and_folded_lines_are_joined() -> None:
    assert parse_invite(INVITE).custom == {"Colour": "blue, light"}


def test_a_list_may_come_in_several_headers() -> None:
    lines = "Diversion: <sip:1@a>\r\nDiversion: <sip:2@a>\r\nSubject: x\r\nSubject: y"

    invite = parse_invite(f"INVITE sip:1@a SIP/2.0\r\n{lines}\r\n\r\n")

    assert invite.headers["diversion"] == "<sip:1@a>, <sip:2@a>"
    assert invite.headers["subject"] == "x"


def test_an_escaped_user_is_read_in_clear() -> None:
    invite = parse_invite("INVITE sip:%2B1555%20x@10.0.0.1 SIP/2.0\r\n\r\n")

    assert invite.request_user == "+1555 x"


def test_a_request_uri_without_user_has_none() -> None:
    invite = parse_invite("INVITE sip:10.0.0.1 SIP/2.0\r\nFrom: <sip:a@b>\r\n\r\n")

    assert invite.request_user == ""


def test_what_is_no_message_is_an_empty_one() -> None:
    assert parse_message("").header("From") == ""
    assert parse_invite("").from_uri == ""


@pytest.mark.parametrize(
    ("value", "name", "uri"),
    [
        ("<sip:a@b>;tag=1", "", "sip:a@b"),
        ("sip:a@b;tag=1", "", "sip:a@b"),
        ("Ann <sip:a@b?x=y>", "Ann", "sip:a@b"),
        ('"A <b> C" <sip:a@b;ob>', "A <b> C", "sip:a@b"),
        ('"" <sip:a@b>', "", "sip:a@b"),
    ],
)
def test_addresses_are_split(value: str, name: str, uri: str) -> None:
    assert split_address(value) == (name, uri)


@pytest.mark.parametrize("name", ["Ann", 'A "B"', "back\\slash", "<x>", "日本"])
def test_a_written_address_reads_the_same(name: str) -> None:
    assert split_address(address(name, "sip:a@b")) == (name, "sip:a@b")


def test_a_name_cannot_break_out_of_its_header() -> None:
    written = address('x"\r\nX-VP-Kind: user', "sip:a@b")

    assert "\r" not in written
    assert "\n" not in written


@pytest.mark.parametrize(
    ("kind", "body", "key"),
    [
        ("application/dtmf-relay", "Signal=5\r\nDuration=160", "5"),
        ("Application/DTMF-Relay; charset=utf-8", "signal = a\r\n", "A"),
        ("application/dtmf-relay", "Duration=160\r\nSignal=10", "*"),
        ("application/dtmf-relay", "Duration=160", ""),
        ("application/dtmf-relay", "Signal=16", ""),
        ("application/dtmf", " 7 \r\n", "7"),
        ("application/dtmf", "15", "D"),
        ("application/dtmf", "hello", ""),
        ("text/plain", "7", ""),
    ],
)
def test_the_key_of_an_info(kind: str, body: str, key: str) -> None:
    text = f"INFO sip:a@b SIP/2.0\r\nc: {kind}\r\n\r\n{body}"

    assert key_of_info(parse_message(text)) == key
