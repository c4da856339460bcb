"""Times that lists are filtered by, and the window that they may span (1.6, 2.2)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator

from voiceplat.core.errors import BadRequest

WINDOW_DEFAULT: Final = timedelta(days=7)
WINDOW_MAX: Final = timedelta(days=30)

_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?P<s>:\d\d(?P<us>\.\d{1,6})?)?([+-]\d\d:\d\d|Z)?"
)
_YEARS: Final = range(2000, 9000)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as precise as it was written: `at` up to, not including, `end`.

    Calls are shown in whole seconds, so `end_time__gt` of a time that was shown must
    not give the same call again.
    """

    at: datetime
    end: datetime


def _moment(text: object) -> Moment:
    found = _TIME.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise ValueError("must be YYYY-MM-DD HH:MM[:ss[.uuuuuu]]")
    at = datetime.fromisoformat(found[0])
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    if at.year not in _YEARS:
        raise ValueError("must be a year of this age")
    if found["us"]:
        return Moment(at, at + timedelta(microseconds=1))
    return Moment(at, at + timedelta(seconds=1 if found["s"] else 60))


Time = Annotated[Moment, BeforeValidator(_moment, json_schema_input_type=str)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says of one field of time."""

    equal: Moment | None = None
    gt: Moment | None = None
    gte: Moment | None = None
    lt: Moment | None = None
    lte: Moment | None = None

    def window(self, field: str, now: datetime) -> tuple[datetime, datetime]:
        """From when, and before when; seven days when nothing is said.

        Raises BadRequest when it is wider than 30 days.
        """
        since = max(self._starts(), default=None)
        before = min(self._ends(), default=None)
        if since is None:
            if before is None:
                return now - WINDOW_DEFAULT, now + timedelta(seconds=1)
            return before - WINDOW_MAX, before
        if before is None:
            return since, since + WINDOW_MAX
        if before - since > WINDOW_MAX + timedelta(seconds=60):
            raise BadRequest(f"{field} window must not be wider than 30 days")
        return since, before

    def _starts(self) -> Iterator[datetime]:
        if self.equal:
            yield self.equal.at
        if self.gt:
            yield self.gt.end
        if self.gte:
            yield self.gte.at

    def _ends(self) -> Iterator[datetime]:
        if self.equal:
            yield self.equal.end
        if self.lt:
            yield self.lt.at
        if self.lte:
            yield self.lte.end
