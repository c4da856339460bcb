"""How long a response may be played without asking again (RFC 9111, what we use of it).

Without a word from the server a sound is asked about at each play; ETag and
Last-Modified make that a question without a download.
"""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx

_LONGEST: Final = timedelta(days=365)


def fresh_until(response: httpx.Headers, now: datetime) -> datetime:
    """`now` when the response must be asked about each time."""
    said = _directives(response.get("cache-control", ""))
    if "no-store" in said or "no-cache" in said:
        return now
    for name in ("s-maxage", "max-age"):
        if name in said:
            left = _seconds(said[name]) - _seconds(response.get("age", "0"))
            return now + max(timedelta(0), min(timedelta(seconds=left), _LONGEST))
    if expires := _moment(response.get("expires", "")):
        sent = _moment(response.get("date", "")) or now
        return now + max(timedelta(0), min(expires - sent, _LONGEST))
    return now


def _directives(header: str) -> dict[str, str]:
    pairs = (part.strip().partition("=") for part in header.lower().split(","))
    return {name.strip(): value.strip(' "') for name, _, value in pairs}


def _seconds(value: str) -> int:
    """Nonsense counts as 0, so that it makes nothing fresh."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else 0


def _moment(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
