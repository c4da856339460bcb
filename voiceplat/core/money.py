"""Money: decimal amounts of the platform's one currency, with five places."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

PLACES: Final = 5
_UNIT: Final = Decimal(1).scaleb(-PLACES)
_MOST: Final = Decimal(10) ** 12
NOTHING: Final = Decimal(0).quantize(_UNIT)


class BillingMode(StrEnum):
    PREPAID = "prepaid"
    """Calls that cost something are refused when no credit is left."""
    POSTPAID = "postpaid"
    """Credits may fall below zero: what is owed."""


def rounded(amount: Decimal) -> Decimal:
    """To five places, halves away from zero."""
    return amount.quantize(_UNIT, ROUND_HALF_UP)


def money_text(amount: Decimal) -> str:
    """As the contract writes money: `0.13600`."""
    return f"{rounded(amount):f}"


def parse_money(text: str) -> Decimal:
    """Raises ValueError for what is no amount, or has more places than there are."""
    try:
        amount = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not an amount such as 0.00850") from error
    if not amount.is_finite() or abs(amount) >= _MOST:
        raise ValueError(f"{text!r} is not an amount such as 0.00850")
    if amount != rounded(amount):
        raise ValueError(f"{text!r} has more than {PLACES} places")
    return rounded(amount)
