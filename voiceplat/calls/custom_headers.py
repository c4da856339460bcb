"""The customer's own SIP headers, `X-PH-<name>` on the wire (plivo-xml 2.11)."""

import re
from collections.abc import Iterable
from typing import Final

PREFIX: Final = "X-PH-"

_NAME = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")
_VALUE = re.compile(r"[A-Za-z0-9%._+@ -]*")
_DROPPED_PREFIXES = ("ph-", "plivo", "fs-", "sipauth", "zt-", "twilio")
_DROPPED_NAMES = frozenset({"clientregion"})


def allowed(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The pairs that may pass, in order; the others are dropped silently (72)."""
    return {name: value for name, value in pairs if _is_allowed(name, value)}


def parse(text: str) -> dict[str, str]:
    """`a=1,b=2` as the API and XML write it; blanks around items are stripped."""
    pairs = (item.partition("=") for item in text.split(",") if "=" in item)
    return allowed((name.strip(), value.strip()) for name, _, value in pairs)


def _is_allowed(name: str, value: str) -> bool:
    low = name.lower()
    return (
        _NAME.fullmatch(name) is not None
        and _VALUE.fullmatch(value) is not None
        and not low.startswith(_DROPPED_PREFIXES)
        and low not in _DROPPED_NAMES
    )
