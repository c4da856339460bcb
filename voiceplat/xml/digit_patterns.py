"""Digits that are watched for while two talk: `digitsMatch` (plivo-xml 2.16)."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import BeforeValidator

from voiceplat.xml.keypad import KEYS


class DigitWatch:
    """Finds patterns in the keys of one party; the longest that ends there counts."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._patterns = sorted(set(patterns), key=len, reverse=True)
        self._pressed = ""

    def press(self, key: str) -> str:
        """The pattern that this key completes, empty for none."""
        longest = len(self._patterns[0]) if self._patterns else 0
        self._pressed = (self._pressed + key)[-longest:] if longest else ""
        for pattern in self._patterns:
            if self._pressed.endswith(pattern):
                self._pressed = ""
                return pattern
        return ""


def _patterns(value: object) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    items = (item.strip() for item in str(value).split(","))
    return tuple(item for item in items if item and set(item) <= set(KEYS))


Patterns = Annotated[tuple[str, ...], BeforeValidator(_patterns)]
"""A comma-separated list; empty items and what is no digits are left out."""
