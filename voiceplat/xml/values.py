"""How attribute values are read (plivo-xml 2.2 and 2.16).

What the specification calls a format error raises ValueError, which fails the document;
any other value that cannot be read counts as its default.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import BeforeValidator, ValidationInfo
from pydantic.alias_generators import to_camel

METHODS: Final = ("GET", "POST")

_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
_MANY_DIGITS: Final = 18


def whole_number(text: str) -> int | None:
    """None when it is not one; absurdly long ones are cut to about 10^18."""
    text = text.strip()
    if not _WHOLE.fullmatch(text):
        return None
    sign = "-" if text.startswith("-") else ""
    return int(sign + text.lstrip("+-")[:_MANY_DIGITS])


def is_web_url(text: str) -> bool:
    """Absolute, `http://` or `https://`, with a host."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _flag(value: object) -> bool:
    return value is True or value == "true"


def _loop(value: object) -> int:
    number = value if isinstance(value, int) else whole_number(str(value))
    if number is None:
        return 1
    if number < 0:
        raise ValueError("loop must not be negative")
    return number


Flag = Annotated[bool, BeforeValidator(_flag)]
"""Exactly `true` is true."""

Loop = Annotated[int, BeforeValidator(_loop)]
"""How often; 0 is for ever, what is no number counts as 1."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `low` to `high`, as a validator.

    What is no number counts as the default, one outside the range as the nearest in it;
    with `strict` one that is too low is a format error.
    """

    default: int
    low: int
    high: int = 10**_MANY_DIGITS
    strict: bool = False

    def __call__(self, value: object, info: ValidationInfo) -> int:
        number = value if isinstance(value, int) else whole_number(str(value))
        if number is None:
            return self.default
        if number < self.low and self.strict:
            name = to_camel(info.field_name or "")
            raise ValueError(f"{name} must be {self.low} or more")
        return min(max(number, self.low), self.high)


def rounds(loop: int) -> Iterator[None]:
    return repeat(None) if loop == 0 else repeat(None, loop)
