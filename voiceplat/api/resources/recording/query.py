"""`GET Recording/`: its filters, and the window of time that they may span (6, 1.6)."""

from datetime import datetime, timedelta

from voiceplat.api.wire.paging import Paged
from voiceplat.api.wire.params import SubaccountId, Text, Whole, without_plus
from voiceplat.api.wire.times import Asked, Time
from voiceplat.core.errors import BadRequest
from voiceplat.db.repositories.recording import RecordingFilter

_DAY = timedelta(days=1)
_DAYS_MAX = 100_000


class RecordingQuery(Paged):
    subaccount: SubaccountId | None = None
    call_uuid: Text | None = None
    from_number: Text | None = None
    to_number: Text | None = None
    conference_name: Text | None = None
    conference_uuid: Text | None = None
    mpc_name: Text | None = None
    mpc_uuid: Text | None = None
    add_time: Time | None = None
    add_time__gt: Time | None = None
    add_time__gte: Time | None = None
    add_time__lt: Time | None = None
    add_time__lte: Time | None = None
    recording_storage_duration: Whole | None = None
    recording_storage_duration__gt: Whole | None = None
    recording_storage_duration__gte: Whole | None = None
    recording_storage_duration__lt: Whole | None = None
    recording_storage_duration__lte: Whole | None = None

    @property
    def finds_nothing(self) -> bool:
        """No recording of ours is of a multiparty call."""
        return bool(self.mpc_name or self.mpc_uuid)

    def filter(self, now: datetime) -> RecordingFilter:
        """Raises BadRequest for a window too wide, or one said in two ways."""
        since, before = self._window(now)
        return RecordingFilter(
            added_since=since,
            added_before=before,
            call_uuid=self.call_uuid,
            from_number=without_plus(self.from_number),
            to_number=without_plus(self.to_number),
            conference_name=self.conference_name,
            conference_uuid=self.conference_uuid,
        )

    def _window(self, now: datetime) -> tuple[datetime | None, datetime | None]:
        asked = Asked(
            equal=self.add_time,
            gt=self.add_time__gt,
            gte=self.add_time__gte,
            lt=self.add_time__lt,
            lte=self.add_time__lte,
        )
        least, most = self._least_days(), self._most_days()
        if least is None and most is None:
            return asked.window("add_time", now)
        if asked != Asked():
            raise BadRequest(
                "recording_storage_duration parameter is invalid: "
                "it cannot be used with add_time"
            )
        return (
            None if most is None else now - (most + 1) * _DAY + _INSTANT,
            None if least is None else now - least * _DAY + _INSTANT,
        )

    def _least_days(self) -> int | None:
        """Whole days that a recording must have been kept for."""
        said = (
            self.recording_storage_duration,
            self.recording_storage_duration__gte,
            _plus_one(self.recording_storage_duration__gt),
        )
        return max((min(it, _DAYS_MAX) for it in said if it is not None), default=None)

    def _most_days(self) -> int | None:
        said = (
            self.recording_storage_duration,
            self.recording_storage_duration__lte,
            _minus_one(self.recording_storage_duration__lt),
        )
        return min((min(it, _DAYS_MAX) for it in said if it is not None), default=None)


_INSTANT = timedelta(microseconds=1)
"""A recording added exactly one day ago has been kept for a day."""


def _plus_one(days: int | None) -> int | None:
    return None if days is None else days + 1


def _minus_one(days: int | None) -> int | None:
    return None if days is None else days - 1
