"""What people may see of a SIP message."""

import pytest

from voiceplat.edge.seen_message import (
    about_call_id,
    blotted,
    call_id,
    call_uuid,
)

HEAD = "INVITE sip:1@e.com SIP/2.0\r\nCall-ID: a@b\r\nCSeq: 1 INVITE\r\n"


def message(header: str = "", body: str = "", head: str = HEAD) -> str:
    return f"{head}{header}\r\n\r\n{body}"


@pytest.mark.parametrize(
    "header",
    [
        'Authorization: Digest username="a", response="hush5"',
        'Proxy-Authorization: Digest a="b",\r\n response="hush5"',
        'proxy-authorization:Digest\r\n\tresponse="hush5"',
        'Authentication-Info: rspauth="hush5"',
        "Identity: hush5;info=<https://e.com>",
        "y: hush5",
        "X-Plivo-Jwt : hush5",
        "Contact: <sip:alice:hush5@e.com>",
    ],
)
def test_a_secret_in_a_header_is_blotted_out(header: str) -> None:
    text = blotted(message(f"{header}\r\nSubject: kept"), digits=True)

    assert "hush5" not in text
    assert "•" in text
    assert "Subject: kept" in text


@pytest.mark.parametrize(
    "line",
    [
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:hush5|2^20|1:32",
        "a=ice-pwd:hush5",
        "k=clear:hush5",
    ],
)
def test_a_key_of_audio_is_blotted_out(line: str) -> None:
    text = blotted(message(body=f"v=0\r\n{line}\r\na=sendrecv\r\n"), digits=True)

    assert "hush5" not in text
    assert "a=sendrecv" in text


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("Signal=5\r\nDuration=160\r\n", "Signal=•\r\nDuration=160\r\n"),
        ("Signal= #\r\nDuration=160", "Signal= •\r\nDuration=160"),
        ("5", "•"),
        ("p=Digit\r\nd=5\r\n", "•\r\n•\r\n"),
    ],
)
def test_digits_of_info_are_blotted_out_unless_wanted(body: str, shown: str) -> None:
    info = message("CSeq: 2 INFO", body, head="INFO sip:1@e SIP/2.0\r\n")

    assert blotted(info, digits=False).partition("\r\n\r\n")[2] == shown
    assert blotted(info, digits=True) == info


def test_all_else_is_shown_as_it_was() -> None:
    text = message("Via: SIP/2.0/UDP e.com;branch=z\r\nX-PH-a: 1", "v=0\r\ns=-\r\n")

    assert blotted(text, digits=False) == text


def test_what_tells_of_the_call() -> None:
    text = message("X-VP-Call: u-1\r\nX-VP-Call-ID: c@d")

    assert call_id(text) == "a@b"
    assert call_id(text.replace("Call-ID: a@b", "i:a@b")) == "a@b"
    assert call_uuid(text) == "u-1"
    assert about_call_id(text) == "c@d"
    assert call_id("SIP/2.0 200 OK\r\n\r\nCall-ID: in the body") == ""
