"""How attribute values are read."""

import pytest

from voiceplat.xml.values import is_web_url, rounds, whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("5", 5), (" 5 ", 5), ("+5", 5), ("-5", -5), ("9" * 5000, 10**18 - 1)),
        *(("", None), ("5.0", None), ("\u0665", None), ("five", None), ("1_000", None)),
    ],
)
def test_a_whole_number_is_ascii_digits(text: str, number: int | None) -> None:
    assert whole_number(text) == number


def test_a_loop_of_zero_never_ends() -> None:
    endless = rounds(0)

    assert [next(endless) for _ in range(1000)] == [None] * 1000


def test_a_loop_of_two_ends_after_two() -> None:
    assert len(list(rounds(2))) == 2


@pytest.mark.parametrize("url", ["/action", "action.xml", "?a=1", "ftp://e.com/"])
def test_a_relative_url_is_no_web_url(url: str) -> None:
    assert not is_web_url(url)
