"""How a carrier wants numbers written: one word, or a country and its habits.

| format | +49 30 123 | +1 415 555 0100 |
|---|---|---|
| `e164` | +4930123 | +14155550100 |
| `digits` | 4930123 | 14155550100 |
| `international` | 004930123 | 0014155550100 |
| `national:49` | 030123 | 0014155550100 |
| `national:1` | 0114930123 | 4155550100 |

`national:COUNTRY[:DOMESTIC[:ABROAD]]` names what is put before numbers of that country
(after its code is taken off) and before all others.
"""

import re
from dataclasses import dataclass
from typing import Final

_NATIONAL: Final = re.compile(
    r"national:([1-9][0-9]{0,3})(?::([0-9]{0,4})(?::(\+|[0-9]{0,5}))?)?"
)
_HABITS: Final = {"1": ("", "011")}
_USUAL_HABITS: Final = ("0", "00")


@dataclass(frozen=True, slots=True)
class NumberFormat:
    abroad: str
    """Put before the digits of a number."""
    country: str = ""
    """Numbers that begin so are domestic: these digits are taken off."""
    domestic: str = ""
    """Put before what is left of a domestic number."""

    def write(self, digits: str) -> str:
        if self.country and digits.startswith(self.country):
            return self.domestic + digits[len(self.country) :]
        return self.abroad + digits


_PLAIN: Final = {
    "e164": NumberFormat("+"),
    "digits": NumberFormat(""),
    "international": NumberFormat("00"),
}


def number_format(text: str) -> NumberFormat:
    """Raises ValueError in words for whoever wrote it."""
    if text in _PLAIN:
        return _PLAIN[text]
    found = _NATIONAL.fullmatch(text)
    if found is None:
        raise ValueError(
            "a number format is e164, digits, international or "
            "national:COUNTRY[:DOMESTIC[:ABROAD]], such as national:49"
        )
    country, domestic, abroad = found.groups()
    usual_domestic, usual_abroad = _HABITS.get(country, _USUAL_HABITS)
    return NumberFormat(
        abroad=usual_abroad if abroad is None else abroad,
        country=country,
        domestic=usual_domestic if domestic is None else domestic,
    )
