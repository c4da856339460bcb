"""The HTTP `Range` of a request for a file (RFC 9110, section 14)."""

import re
from dataclasses import dataclass
from typing import Final

_RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.IGNORECASE)


class NoSuchRange(Exception):
    """None of the file's bytes are in it: 416."""


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes `first` up to, not including, `end`."""

    first: int
    end: int


def asked_range(header: str | None, size: int) -> Span | None:
    """None when the whole file is asked for, or what is asked cannot be read.

    Several ranges at once are answered with the whole file, as a server may.
    Raises NoSuchRange.
    """
    found = _RANGE.fullmatch(header.replace(" ", "")) if header else None
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        return _last_bytes(int(last), size)
    begin = int(first)
    end = min(size, int(last) + 1) if last else size
    if last and int(last) < begin:
        return None
    if begin >= size:
        raise NoSuchRange
    return Span(begin, end)


def _last_bytes(count: int, size: int) -> Span:
    if not count or not size:
        raise NoSuchRange
    return Span(max(0, size - count), size)
