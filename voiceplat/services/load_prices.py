"""Replaces the rate table by what an operator's file says."""

import re
from collections.abc import Mapping
from typing import Final

from voiceplat.bus.directory import SIP
from voiceplat.calls.rate import MINUTE_S
from voiceplat.core.errors import BadRequest
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Price
from voiceplat.db.repositories import PriceRepository
from voiceplat.services.table_file import (
    amount_in,
    choice_in,
    read_table,
    text_in,
)

NUMBER_TYPES: Final = ("local", "mobile", "tollfree")
_REQUIRED: Final = frozenset({"prefix", "outbound_per_minute"})
_OPTIONAL: Final = frozenset(
    {
        "inbound_per_minute",
        "pulse_s",
        "country_iso",
        "country",
        "country_code",
        "number_type",
    }
)
_PREFIX: Final = re.compile(r"[0-9]{0,15}")
_ISO: Final = re.compile(r"([A-Z]{2})?")
_CODE: Final = re.compile(r"[0-9]{0,4}")
_PULSE_MAX_S: Final = 3600


async def load_prices(tx: Transaction, text: str) -> int:
    """How many there are now. Raises BadRequest; then the old ones stay."""
    prices = read_table(text, _price, required=_REQUIRED, optional=_OPTIONAL)
    seen: set[str] = set()
    for price in prices:
        if price.prefix in seen:
            raise BadRequest(f"the prefix {price.prefix!r} is there twice")
        seen.add(price.prefix)
    await PriceRepository(tx).replace(prices)
    return len(prices)


def _price(row: Mapping[str, str]) -> Price:
    prefix = row["prefix"].removeprefix("+").lower()
    if prefix != SIP and not _PREFIX.fullmatch(prefix):
        raise ValueError(f"prefix {prefix!r} is neither digits nor {SIP}")
    return Price(
        prefix=prefix,
        outbound_per_minute=amount_in(row, "outbound_per_minute"),
        inbound_per_minute=amount_in(row, "inbound_per_minute"),
        pulse_s=_pulse(row.get("pulse_s") or str(MINUTE_S)),
        country_iso=_matching(_ISO, row.get("country_iso", "").upper(), "country_iso"),
        country=text_in(row, "country", 64),
        country_code=_matching(_CODE, row.get("country_code", ""), "country_code"),
        number_type=choice_in(row, "number_type", NUMBER_TYPES),
    )


def _pulse(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _PULSE_MAX_S:
        raise ValueError(f"pulse_s {text} is not a whole number of seconds")
    return int(text)


def _matching(pattern: re.Pattern[str], text: str, column: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"{column} {text!r} is not one, such as US or 1")
    return text
