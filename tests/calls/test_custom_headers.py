"""The customer's own SIP headers: which pass, which are dropped."""

import pytest

from voiceplat.calls.custom_headers import parse


def test_pairs_are_read_in_order_and_blanks_stripped() -> None:
    assert parse("a=1, Order-Id=42 ,c=") == {"a": "1", "Order-Id": "42", "c": ""}


@pytest.mark.statement(72)
@pytest.mark.parametrize(
    "name",
    [
        "PH-x",
        "ph-x",
        "Plivo-Id",
        "FS-a",
        "SipAuthUser",
        "ZT-b",
        "Twilio",
        "ClientRegion",
    ],
)
def test_a_reserved_name_is_dropped_silently(name: str) -> None:
    assert parse(f"{name}=1,kept=2") == {"kept": "2"}


@pytest.mark.parametrize("text", ["a\r\nEvil=1", "a b=1", "a=1\r\nX: y", "=1", "a;b=1"])
def test_nothing_that_could_break_out_of_a_header_passes(text: str) -> None:
    assert parse(text) == {}
