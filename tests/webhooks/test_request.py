"""What goes over the wire for one hook."""

import pytest

from voiceplat.calls.call import Hook
from voiceplat.core.errors import FetchError
from voiceplat.webhooks.request import outgoing
from voiceplat.webhooks.signature import SigningKeys

KEYS = SigningKeys(token="tok", main_token="main")


@pytest.mark.statement(31)
def test_get_has_the_parameters_in_the_query_and_no_body() -> None:
    hook = Hook(url="https://e.com/a", method="GET")

    request = outgoing(hook, {"To": "sip:a@b", "From": "1 2"})

    assert request.url == "https://e.com/a?To=sip%3Aa%40b&From=1+2"
    assert request.body == b""


@pytest.mark.checklist(8)
@pytest.mark.statement(30)
def test_post_is_the_default_and_has_the_parameters_as_a_form() -> None:
    request = outgoing(Hook(url="https://e.com/a"), {"To": "sip:a@b", "From": "1 2"})

    assert (request.method, request.url) == ("POST", "https://e.com/a")
    assert request.body == b"To=sip%3Aa%40b&From=1+2"
    assert (
        request.headers(KEYS, "1")["Content-Type"]
        == "application/x-www-form-urlencoded"
    )


@pytest.mark.statement(32)
def test_post_keeps_the_query_of_its_url_as_written() -> None:
    request = outgoing(Hook(url="https://e.com/a?z=1&b=x%20y&foo="), {"To": "1"})

    assert request.url == "https://e.com/a?z=1&b=x%20y&foo="


def test_get_keeps_the_query_of_its_url_and_the_calls_own_fields_win() -> None:
    hook = Hook(url="https://e.com/a?x=%2B1&CallUUID=forged&&flag", method="get")

    request = outgoing(hook, {"CallUUID": "u"})

    assert request.url == "https://e.com/a?x=%2B1&flag&CallUUID=u"


def test_get_without_parameters_leaves_the_url_alone() -> None:
    hook = Hook(url="https://e.com/a?x=1", method="GET")

    assert outgoing(hook, {}).url == "https://e.com/a?x=1"


@pytest.mark.statement(39)
def test_the_fragment_is_neither_sent_nor_signed() -> None:
    request = outgoing(Hook(url="https://e.com/a?x=1#ct=300&rp=all"), {})

    assert request.url == "https://e.com/a?x=1"
    assert request.fragment == "ct=300&rp=all"


def test_what_is_beyond_ascii_is_escaped_once_and_so_signed() -> None:
    request = outgoing(Hook(url="https://e.com/é%C3%A9 b?q=ü%20ö"), {})

    assert request.url == "https://e.com/%C3%A9%C3%A9%20b?q=%C3%BC%20%C3%B6"


def test_what_cannot_be_encoded_is_replaced_not_fatal() -> None:
    assert outgoing(Hook(url="https://e.com/"), {"a": "\ud800"}).body == b"a=%3F"


@pytest.mark.parametrize(
    "url",
    ["", "/a", "ftp://e.com/a", "https:///a", "http://e.com:99999/", "http://[::1/"],
)
def test_a_url_that_is_not_absolute_http_is_refused(url: str) -> None:
    with pytest.raises(FetchError, match="no absolute"):
        outgoing(Hook(url=url), {})


def test_a_method_that_is_neither_get_nor_post_is_refused() -> None:
    with pytest.raises(FetchError, match="method"):
        outgoing(Hook(url="https://e.com/", method="PUT"), {})


def test_what_may_be_logged_has_no_credentials_and_no_query() -> None:
    request = outgoing(
        Hook(url="https://me:secret@e.com:81/a?token=secret"), {"a": "s3"}
    )

    assert request.place == "https://e.com:81/a"
    assert "s3" not in repr(request)
    assert "secret" not in repr(request)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://e.com:443/a", "e.com:443"),
        ("https://E.com/a", "E.com"),
        ("https://me:secret@e.com/a", "e.com"),
    ],
)
def test_the_host_header_is_what_is_signed(url: str, host: str) -> None:
    assert outgoing(Hook(url=url), {}).headers(KEYS, "1")["Host"] == host


def test_the_host_header_of_an_international_name_is_left_to_the_client() -> None:
    assert "Host" not in outgoing(Hook(url="https://bücher.example/"), {}).headers(
        KEYS, "1"
    )
