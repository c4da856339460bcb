"""Tables that operators bring as CSV: a line of column names, then one line each."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TypeVar

from voiceplat.core.errors import BadRequest
from voiceplat.core.money import NOTHING, parse_money

T = TypeVar("T")


def read_table(
    text: str,
    read: Callable[[Mapping[str, str]], T],
    *,
    required: frozenset[str],
    optional: frozenset[str] = frozenset(),
) -> list[T]:
    """What `read` makes of each line; a column that is not there reads as empty.

    Raises BadRequest that names the line; a ValueError of `read` becomes one.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    try:
        names = [name.strip() for name in rows.fieldnames or ()]
        rows.fieldnames = names
        _check_columns(frozenset(names), required, optional)
        return [_read_line(row, read, rows.line_num) for row in rows]
    except csv.Error as error:
        raise BadRequest(f"line {rows.line_num}: {error}") from error


def amount_in(row: Mapping[str, str], column: str) -> Decimal:
    """Empty: nothing. Raises ValueError for what is no amount, or less than nothing."""
    text = row.get(column, "")
    amount = parse_money(text) if text else NOTHING
    if amount < NOTHING:
        raise ValueError(f"{column} {text} is less than nothing")
    return amount


def choice_in(row: Mapping[str, str], column: str, choices: Sequence[str]) -> str:
    """Empty: the first. Raises ValueError."""
    text = row.get(column) or choices[0]
    if text not in choices:
        raise ValueError(f"{column} {text!r} is none of {', '.join(choices)}")
    return text


def text_in(row: Mapping[str, str], column: str, longest: int) -> str:
    """Raises ValueError."""
    text = row.get(column, "")
    if len(text) > longest:
        raise ValueError(f"{column} has more than {longest} characters")
    return text


def _check_columns(
    names: frozenset[str], required: frozenset[str], optional: frozenset[str]
) -> None:
    known = ", ".join(sorted(required | optional))
    if missing := sorted(required - names):
        raise BadRequest(f"line 1: the column {missing[0]} is missing (of {known})")
    if strange := sorted(names - required - optional):
        raise BadRequest(f"line 1: {strange[0]!r} is not a column (of {known})")


def _read_line(
    row: Mapping[str | None, str | list[str] | None],
    read: Callable[[Mapping[str, str]], T],
    line: int,
) -> T:
    if None in row:
        raise BadRequest(f"line {line}: more values than columns")
    texts = {
        name: value.strip()
        for name, value in row.items()
        if name is not None and isinstance(value, str)
    }
    try:
        return read(texts)
    except ValueError as error:
        raise BadRequest(f"line {line}: {error}") from error
