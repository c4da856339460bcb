"""Replaces the inventory of numbers by what an operator's file says."""

import re
from collections.abc import Mapping
from typing import Final

from voiceplat.core.errors import BadRequest
from voiceplat.db.engine import Transaction
from voiceplat.db.models import OfferedNumber
from voiceplat.db.repositories import OfferedNumberRepository
from voiceplat.services.load_prices import NUMBER_TYPES
from voiceplat.services.phone_number import digits_of
from voiceplat.services.table_file import (
    amount_in,
    choice_in,
    read_table,
    text_in,
)

_REQUIRED: Final = frozenset({"number", "country_iso"})
_TEXTS: Final = {
    "country": 64,
    "region": 128,
    "city": 128,
    "rate_center": 64,
    "lata": 16,
    "carrier": 128,
}
"""Columns of any text, and how long it may be."""
_OPTIONAL: Final = frozenset(
    {*_TEXTS, "country_code", "number_type", "monthly_rental_rate", "setup_rate"}
)
_ISO: Final = re.compile(r"[A-Z]{2}")


async def load_inventory(tx: Transaction, text: str) -> int:
    """How many numbers there are now, rented ones among them.

    Raises BadRequest; then the old ones stay. Who rents a number keeps it.
    """
    offers = read_table(text, _offer, required=_REQUIRED, optional=_OPTIONAL)
    seen: set[str] = set()
    for offer in offers:
        if offer.number in seen:
            raise BadRequest(f"the number {offer.number} is there twice")
        seen.add(offer.number)
    await OfferedNumberRepository(tx).replace(offers)
    return len(offers)


def _offer(row: Mapping[str, str]) -> OfferedNumber:
    digits, iso = digits_of(row["number"]), row["country_iso"].upper()
    if digits is None:
        raise ValueError(f"{row['number']!r} is not a number such as +14155550100")
    if not _ISO.fullmatch(iso):
        raise ValueError(f"country_iso {iso!r} is not one, such as US")
    code = row.get("country_code", "")
    if not digits.startswith(code):
        raise ValueError(f"{digits} does not begin with its country_code {code}")
    return OfferedNumber(
        number=digits,
        country_iso=iso,
        country_code=code,
        number_type=choice_in(row, "number_type", NUMBER_TYPES),
        monthly_rental_rate=amount_in(row, "monthly_rental_rate"),
        setup_rate=amount_in(row, "setup_rate"),
        **{name: text_in(row, name, longest) for name, longest in _TEXTS.items()},
    )
