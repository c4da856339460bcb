"""Keys that belong together: from the first one to the end of the entry."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import BeforeValidator

from voiceplat.calls.leg import Leg

KEYS: Final = "0123456789*#"
NO_KEY: Final = "none"


@dataclass(frozen=True, slots=True)
class Entered:
    digits: str
    """At least one; the key that ended the entry is not among them."""


@dataclass(frozen=True, slots=True)
class NothingEntered:
    pass


@dataclass(frozen=True, slots=True)
class InvalidKey:
    """A key that is not accepted; what was entered before it is dropped."""


Entry = Entered | NothingEntered | InvalidKey


@dataclass(frozen=True, slots=True)
class KeyRules:
    """What ends an entry, and which keys may be in it."""

    finish: str
    """Keys that end it; empty for none."""
    most: int
    """So many digits end it."""
    between_s: float
    """A longer gap ends it."""
    valid: str = KEYS


async def entry_from(first: str, leg: Leg, rules: KeyRules) -> Entry:
    """The entry that begins with the key `first`. Raises CallEnded."""
    digits, key = "", first
    while True:
        if key in rules.finish:
            return Entered(digits) if digits else NothingEntered()
        if key not in rules.valid:
            return InvalidKey()
        digits += key
        if len(digits) == rules.most:
            return Entered(digits)
        try:
            async with asyncio.timeout(rules.between_s):
                key = await leg.next_digit()
        except TimeoutError:
            return Entered(digits)


def _finish_keys(value: object) -> str:
    keys = str(value).strip()
    if keys in {"", NO_KEY}:
        return ""
    return keys if set(keys) <= set(KEYS) else "#"


def _valid_keys(value: object) -> str:
    keys = str(value).strip()
    return keys if keys and set(keys) <= set(KEYS) else KEYS


FinishKeys = Annotated[str, BeforeValidator(_finish_keys)]
"""Keys that end an entry; `none` or nothing means that no key does."""

ValidKeys = Annotated[str, BeforeValidator(_valid_keys)]
