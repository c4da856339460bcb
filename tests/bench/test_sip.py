from bench import sip

INVITE = sip.build(
    "INVITE sip:+4477@127.0.0.3:5060 SIP/2.0",
    [
        ("Via", "SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1"),
        ("Record-Route", "<sip:one;lr>"),
        ("Record-Route", "<sip:two;lr>"),
        ("From", "<sip:a@b>;tag=1"),
        ("To", "<sip:c@d>"),
        ("Call-ID", "abc"),
        ("CSeq", "1 INVITE"),
    ],
    sip.offer("127.0.0.3", 4000),
)


def test_a_request_is_read_as_it_was_built() -> None:
    message = sip.parse(INVITE)

    assert message is not None
    assert (message.method, message.status) == ("INVITE", 0)
    assert sip.user_of(message.uri) == "4477"
    assert message.all("record-route") == ["<sip:one;lr>", "<sip:two;lr>"]
    assert int(message.one("content-length")) == len(INVITE.partition(b"\r\n\r\n")[2])


def test_an_answer_repeats_the_request_and_adds_a_tag() -> None:
    invite = sip.parse(INVITE)
    assert invite is not None

    answer = sip.parse(sip.answer(invite, "486 Busy Here", "ours"))

    assert answer is not None
    assert answer.status == 486
    assert answer.one("to") == "<sip:c@d>;tag=ours"
    assert answer.one("via") == invite.one("via")


def test_what_is_no_sip_is_none() -> None:
    assert sip.parse(b"\0\0\0\0") is None


def test_a_contact_is_a_uri_with_or_without_brackets() -> None:
    assert sip.uri_of("<sip:a@b:1;x=y>;expires=3") == "sip:a@b:1;x=y"
    assert sip.uri_of("sip:a@b") == "sip:a@b"
