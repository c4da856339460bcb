"""Signatures, checked against the documented vectors and by Plivo's own validator."""

from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plivo.utils import validate_signature, validate_v3_signature

from voiceplat.webhooks.signature import (
    SigningKeys,
    new_nonce,
    sign_v2,
    sign_v3,
    signature_headers,
    v3_message,
)

NONCE = "12345"
BASE = "https://ex.com"

V3_VECTORS = [
    ("POST", "/a", {}, "yYLIGTC/QE4iG24A0GJ4fvTS+66Or94lIcqKHgxEs6U="),
    (
        "POST",
        "/a",
        {"CallUUID": "x", "From": "+1415", "Digits": "1 2"},
        "dYcQLY3aOXXvZTBEXdo/PtBMc58bnQ/wqUQIGk9WwcM=",
    ),
    (
        "POST",
        ":8443/a/b?z=1&b=x%20y&foo=",
        {"CallUUID": "x", "To": "sip:a@b"},
        "sUYQxPrqp+mH/UHQ+iIN+7zribYnLlDfRVm9qr6rNbc=",
    ),
    ("POST", "/a?q=1", {}, "/K3Qq/cOHzsrF5VlI4qosdPdp+2sG+sK1cWrZqJy5OI="),
    (
        "GET",
        "/a?z=1&a=2",
        {"CallUUID": "x", "From": "+1415"},
        "bg9dqYKOjud2RTO+jk4emgyeZysW3mgBGBRFuPmthKA=",
    ),
    (
        "GET",
        "/a?From=%2B1415&CallUUID=x",
        {},
        "7ey4jg5LJgL1FBEhpaCiZklAqaz6eZzDwzFJreb+Q48=",
    ),
    (
        "POST",
        "/a?q=1#ct=2000&rc=2",
        {"A": "1"},
        "Fn9i2c5OEY35Xzu6VVXluKteu9xL5jObH6JLnedh2s8=",
    ),
    ("POST", "", {"A": "1"}, "XzEqvbV5+x/JNXqy0/0KbH5ES6k4zW9eFnhZfmLRnK4="),
    ("POST", "/", {"A": "1"}, "DrMOpmXAhmgfZYGXSiawaVjLnXMgn5nzFwPkPNP1F0o="),
]


@pytest.mark.checklist(7)
@pytest.mark.statement(63)
@pytest.mark.parametrize(("method", "rest", "form", "signature"), V3_VECTORS)
def test_v3_of_the_documented_requests(
    method: str, rest: str, form: dict[str, str], signature: str
) -> None:
    assert sign_v3(method, BASE + rest, form, "tok", NONCE) == signature
    assert validate_v3_signature(
        method, BASE + rest, NONCE, "tok", signature, dict(form)
    )


@pytest.mark.statement(64)
def test_v3_of_a_post_without_a_query_has_its_parameters_after_a_bare_mark() -> None:
    message = v3_message(
        "POST", "https://e.com/abcd", {"To": "1", "CallUUID": "x"}, "N"
    )

    assert message == "https://e.com/abcd?CallUUIDxTo1.N"


@pytest.mark.statement(65)
def test_v3_of_a_post_with_a_query_has_a_dot_between() -> None:
    url = "https://e.com/abcd?foo=bar"

    message = v3_message("POST", url, {"CallUUID": "x", "To": "1"}, "N")

    assert message == "https://e.com/abcd?foo=bar.CallUUIDxTo1.N"


@pytest.mark.statement(66)
def test_v3_of_a_get_has_everything_sorted_in_the_query() -> None:
    message = v3_message("GET", "https://e.com/abcd?foo=bar", {"To": "1"}, "N")

    assert message == "https://e.com/abcd?To=1&foo=bar.N"


@pytest.mark.statement(68)
@pytest.mark.parametrize(
    ("url", "token", "signature"),
    [
        (f"{BASE}/a", "tok", "0V42OyqWc72MZOxe0TrdmqgBrmDEeo1RnYH3fQ2mTvU="),
        (f"{BASE}:8443/a/b?z=1", "tok", "Z618WPiEW4ZQGIoQRcPdfLEE1adM15lOnUwc3ZaJu/8="),
        (
            "https://answer.url",
            "my_auth_token",
            "ehV3IKhLysWBxC1sy8INm0qGoQYdYsHwuoKjsX7FsXc=",
        ),
    ],
)
def test_v2_signs_the_url_without_its_query(
    url: str, token: str, signature: str
) -> None:
    assert sign_v2(url, token, NONCE) == signature
    assert validate_signature(url, NONCE, signature, token)


@pytest.mark.checklist(7)
@pytest.mark.statement(67)
def test_the_ma_headers_are_signed_with_the_main_accounts_token() -> None:
    keys = SigningKeys(token="sub", main_token="main")

    headers = signature_headers("POST", f"{BASE}/a", {"A": "1"}, keys, NONCE)

    assert headers == {
        "X-Plivo-Signature-V2": sign_v2(f"{BASE}/a", "sub", NONCE),
        "X-Plivo-Signature-Ma-V2": sign_v2(f"{BASE}/a", "main", NONCE),
        "X-Plivo-Signature-V2-Nonce": NONCE,
        "X-Plivo-Signature-V3": sign_v3("POST", f"{BASE}/a", {"A": "1"}, "sub", NONCE),
        "X-Plivo-Signature-Ma-V3": sign_v3(
            "POST", f"{BASE}/a", {"A": "1"}, "main", NONCE
        ),
        "X-Plivo-Signature-V3-Nonce": NONCE,
    }


def test_a_nonce_is_twenty_digits_and_new_each_time() -> None:
    nonces = {new_nonce() for _ in range(1000)}

    assert len(nonces) == 1000
    assert all(len(nonce) == 20 and nonce.isdigit() for nonce in nonces)


def test_keys_do_not_show_in_logs() -> None:
    assert "secret" not in repr(SigningKeys(token="secret", main_token="secret"))


_WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_FORMS = st.dictionaries(_WORDS.filter(bool), _WORDS, max_size=4)
_ASCII = st.text(st.characters(codec="ascii"), max_size=12)
"""The Python SDK's validator crashes on a query that decodes to anything else."""
_QUERIES = st.lists(st.tuples(_ASCII.filter(bool), _ASCII), max_size=5)
_PATHS = st.text(st.sampled_from("abc/-_.~%20"), max_size=8).map(lambda it: "/" + it)


@given(path=_PATHS, query=_QUERIES, form=_FORMS, token=_WORDS.filter(bool))
def test_the_sdk_accepts_every_post(
    path: str, query: list[tuple[str, str]], form: dict[str, str], token: str
) -> None:
    url = f"{BASE}{path}" + (f"?{urlencode(query)}" if query else "")

    signature = sign_v3("POST", url, form, token, NONCE)

    assert validate_v3_signature("POST", url, NONCE, token, signature, dict(form))


@given(query=_QUERIES)
def test_the_sdk_accepts_every_get(query: list[tuple[str, str]]) -> None:
    url = f"{BASE}/a" + (f"?{urlencode(query, quote_via=quote)}" if query else "")

    signature = sign_v3("GET", url, {}, "tok", NONCE)

    assert validate_v3_signature("GET", url, NONCE, "tok", signature)


@given(path=_PATHS, token=_WORDS.filter(bool))
def test_the_sdk_accepts_every_v2(path: str, token: str) -> None:
    url = f"{BASE}{path}?a=1"

    assert validate_signature(url, NONCE, sign_v2(url, token, NONCE), token)
