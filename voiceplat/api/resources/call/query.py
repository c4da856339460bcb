"""`GET Call/`: its filters, and the window of time that they may span (2.2, 1.6)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, Literal

from voiceplat.api.wire.paging import Paged
from voiceplat.api.wire.params import SubaccountId, Text, Whole, without_plus
from voiceplat.api.wire.times import Asked, Time
from voiceplat.calls.status import Direction
from voiceplat.db.repositories.call import CallFilter, Span

KEPT: Final = timedelta(days=90)


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
        asked = Asked(
            equal=self.end_time,
            gt=self.end_time__gt,
            gte=self.end_time__gte,
            lt=self.end_time__lt,
            lte=self.end_time__lte,
        )
        since, before = asked.window("end_time", now)
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


def _several(numbers: str | None) -> Iterator[str]:
    """The Python SDK joins a list of numbers with `<`."""
    for part in (numbers or "").split("<"):
        if number := without_plus(part.strip()):
            yield number
