"""`GET Call/`: its filters, and the window of time that they may span (2.2, 1.6)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator

from voiceplat.api.wire.paging import Paged
from voiceplat.api.wire.params import SubaccountId, Text, Whole
from voiceplat.calls.status import Direction
from voiceplat.core.errors import BadRequest
from voiceplat.db.repositories.call import CallFilter, Span

WINDOW_DEFAULT: Final = timedelta(days=7)
WINDOW_MAX: Final = timedelta(days=30)
KEPT: Final = timedelta(days=90)

_TIME: Final = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?P<s>:\d\d(?P<us>\.\d{1,6})?)?([+-]\d\d:\d\d|Z)?"
)
_YEARS: Final = range(2000, 9000)


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as precise as it was written: `at` up to, not including, `end`.

    Records are shown in whole seconds, so `end_time__gt` of a time that was shown must
    not give the same record again.
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


class CallQuery(Paged):
    status: Literal["live", "queued"] | None = None
    subaccount: SubaccountId | None = None
    call_direction: Direction | None = None
    from_number: Text | None = None
    to_number: Text | None = None
    parent_call_uuid: Text | None = None
    bill_duration: Whole | None = None
    bill_duration__gt: Whole | None = None
    bill_duration__gte: Whole | None = None
    bill_duration__lt: Whole | None = None
    bill_duration__lte: Whole | None = None
    end_time: Time | None = None
    end_time__gt: Time | None = None
    end_time__gte: Time | None = None
    end_time__lt: Time | None = None
    end_time__lte: Time | None = None
    hangup_cause_code: Whole | None = None
    hangup_source: Text | None = None
    stir_verification: Literal["Verified", "Not Verified", "Not Applicable"] | None = (
        None
    )

    @property
    def finds_nothing(self) -> bool:
        """No call of ours carries a STIR verdict."""
        return self.stir_verification in {"Verified", "Not Verified"}

    def filter(self, now: datetime) -> CallFilter:
        """Raises BadRequest when the window of time is too wide."""
        since, before = _window(self, now)
        return CallFilter(
            ended_since=max(since, now - KEPT),
            ended_before=before,
            direction=self.call_direction,
            from_prefix=without_plus(self.from_number),
            to_prefixes=tuple(_several(self.to_number)),
            parent_call_uuid=self.parent_call_uuid,
            bill_duration=Span(
                gt=self.bill_duration__gt,
                gte=self.bill_duration__gte,
                lt=self.bill_duration__lt,
                lte=self.bill_duration__lte,
                equal=self.bill_duration,
            ),
            hangup_cause_code=self.hangup_cause_code,
            hangup_source=self.hangup_source,
        )


def without_plus(number: str | None) -> str | None:
    """Numbers are kept as digits; an empty filter filters nothing."""
    return number.removeprefix("+") or None if number else None


def _several(numbers: str | None) -> Iterator[str]:
    """The Python SDK joins a list of numbers with `<`."""
    for part in (numbers or "").split("<"):
        if number := without_plus(part.strip()):
            yield number


def _window(query: CallQuery, now: datetime) -> tuple[datetime, datetime]:
    since = max(_starts(query), default=None)
    before = min(_ends(query), default=None)
    if since is None:
        if before is None:
            return now - WINDOW_DEFAULT, now + timedelta(seconds=1)
        return before - WINDOW_MAX, before
    if before is None:
        return since, since + WINDOW_MAX
    if before - since > WINDOW_MAX + timedelta(seconds=60):
        raise BadRequest("end_time window must not be wider than 30 days")
    return since, before


def _starts(query: CallQuery) -> Iterator[datetime]:
    if query.end_time:
        yield query.end_time.at
    if query.end_time__gt:
        yield query.end_time__gt.end
    if query.end_time__gte:
        yield query.end_time__gte.at


def _ends(query: CallQuery) -> Iterator[datetime]:
    if query.end_time:
        yield query.end_time.end
    if query.end_time__lt:
        yield query.end_time__lt.at
    if query.end_time__lte:
        yield query.end_time__lte.end
