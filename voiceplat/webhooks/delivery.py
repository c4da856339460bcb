"""How a request is delivered: the fragment of its URL, read over the defaults.

`https://host/path#ct=2000&rt=3000&rc=2&rp=5xx` (plivo-rest 8.10). A value that is
outside its range, or no value at all, counts as if the key were not there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from voiceplat.core.settings import WebhookSettings


class Trouble(StrEnum):
    """What can go wrong with one attempt, in the words of `rp`."""

    CLIENT_ERROR = "4xx"
    SERVER_ERROR = "5xx"
    CONNECT_TIMEOUT = "ct"
    READ_TIMEOUT = "rt"
    OTHER = "all"
    """A refused or broken connection: retried under `all` alone."""


DEFAULT_RETRY_ON: Final = frozenset({Trouble.CONNECT_TIMEOUT, Trouble.READ_TIMEOUT})

_CONNECT_MS = range(100, 10_001)
_READ_MS = range(100, 40_001)
_TOTAL_MS = range(100, 55_001)
_RETRIES = range(6)
_NUMBER = re.compile(r"[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class Delivery:
    """The limits of one request and all its attempts."""

    connect: timedelta
    read: timedelta
    total: timedelta
    """Over all attempts; none starts later, and the last one is cut off there."""
    retries: int
    retry_on: frozenset[Trouble] = DEFAULT_RETRY_ON

    def retries_after(self, trouble: Trouble) -> bool:
        return trouble in self.retry_on or Trouble.OTHER in self.retry_on


def delivery_of(fragment: str, defaults: WebhookSettings) -> Delivery:
    """Never raises: what cannot be read is left at its default."""
    told = dict(_pairs(fragment))
    return Delivery(
        connect=_span(told, "ct", _CONNECT_MS, defaults.connect_timeout_ms),
        read=_span(told, "rt", _READ_MS, defaults.read_timeout_ms),
        total=_span(told, "tt", _TOTAL_MS, defaults.total_timeout_ms),
        retries=_number(told, "rc", _RETRIES, defaults.retries),
        retry_on=_policy(told.get("rp", "")),
    )


def _pairs(fragment: str) -> list[tuple[str, str]]:
    items = (item.partition("=") for item in fragment.split("&"))
    return [(key.strip(), value.strip()) for key, _, value in items]


def _span(
    told: Mapping[str, str], key: str, allowed: range, default_ms: int
) -> timedelta:
    return timedelta(milliseconds=_number(told, key, allowed, default_ms))


def _number(told: Mapping[str, str], key: str, allowed: range, default: int) -> int:
    text = told.get(key, "")
    if _NUMBER.fullmatch(text) and int(text) in allowed:
        return int(text)
    return default


def _policy(text: str) -> frozenset[Trouble]:
    names = {item.strip() for item in text.split(",")}
    return frozenset(one for one in Trouble if one.value in names) or DEFAULT_RETRY_ON
