from decimal import Decimal

import pytest

from voiceplat.core.money import money_text, parse_money


@pytest.mark.parametrize(
    ("text", "amount"),
    [("0.0085", "0.00850"), (" 12 ", "12.00000"), ("-1.5", "-1.50000")],
)
def test_amounts_have_five_places(text: str, amount: str) -> None:
    assert money_text(parse_money(text)) == amount


@pytest.mark.parametrize("text", ["", "a", "1,5", "nan", "inf", "1e99"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        parse_money(text)


def test_places_that_there_are_not_are_refused_and_not_rounded_away() -> None:
    with pytest.raises(ValueError, match="more than 5 places"):
        parse_money("0.000001")


def test_halves_are_rounded_away_from_zero() -> None:
    assert money_text(Decimal("0.000005")) == "0.00001"
    assert money_text(Decimal("-0.000005")) == "-0.00001"
