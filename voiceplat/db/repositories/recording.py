"""Recordings: added once by the ledger, listed by the API, swept in the end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.orm import aliased

from voiceplat.calls.recording import Recording
from voiceplat.core.ids import AuthId, RecordingId
from voiceplat.db.engine import Transaction
from voiceplat.db.insert import insert_once
from voiceplat.db.models import Account, KeptRecording, Transcription
from voiceplat.db.repositories.page import Page, Window, page_of
from voiceplat.db.repositories.scope import Scope

_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class RecordingFilter:
    added_since: datetime | None = None
    added_before: datetime | None = None
    """Not taken in itself."""
    call_uuid: str | None = None
    from_number: str | None = None
    to_number: str | None = None
    conference_name: str | None = None
    conference_uuid: str | None = None


class RecordingRepository:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add_once(
        self, recording: Recording, main: AuthId, added_at: datetime
    ) -> bool:
        """False when it was there already, or was there once.

        The file of one that is deleted has come back with it, and must go again.
        """
        values = {
            name: value.replace("\0", "") if isinstance(value, str) else value
            for name, value in _values(recording, main, added_at).items()
        }
        if await insert_once(self._tx, KeptRecording, values):
            return True
        await self._tx.execute(
            update(KeptRecording)
            .where(
                KeptRecording.id == recording.order.id,
                KeptRecording.deleted_at.is_not(None),
            )
            .values(file_gone=bool(recording.failure))
        )
        return False

    async def get(self, id_: str, scope: Scope) -> KeptRecording | None:
        """With a file, and not deleted."""
        query = select(KeptRecording).where(
            KeptRecording.id == id_, _owned(scope), _is_there()
        )
        return await self._tx.scalar(query)

    async def of_account(self, id_: str, account: str) -> KeptRecording | None:
        """The account's very own, as its file's address says."""
        query = select(KeptRecording).where(
            KeptRecording.id == id_, KeptRecording.account_id == account, _is_there()
        )
        return await self._tx.scalar(query)

    async def find(
        self, scope: Scope, window: Window, wanted: RecordingFilter
    ) -> Page[KeptRecording]:
        """Latest first."""
        query = _filtered(
            select(KeptRecording).where(_owned(scope), _is_there()), wanted
        )
        order = (KeptRecording.added_at.desc(), KeptRecording.id)
        return await page_of(self._tx, query.order_by(*order), window)

    async def hide(self, ids: Iterable[RecordingId], now: datetime) -> None:
        """Nobody sees them or their words any more; their files are still to go."""
        gone = list(ids)
        await self._tx.execute(
            update(KeptRecording)
            .where(KeptRecording.id.in_(gone), KeptRecording.deleted_at.is_(None))
            .values(deleted_at=now)
        )
        await self._tx.execute(
            delete(Transcription).where(Transcription.recording_id.in_(gone))
        )

    async def file_deleted(self, id_: RecordingId) -> None:
        await self._tx.execute(
            update(KeptRecording)
            .where(KeptRecording.id == id_, KeptRecording.deleted_at.is_not(None))
            .values(file_gone=True)
        )

    async def overdue(
        self, now: datetime, default_days: int, limit: int
    ) -> list[RecordingId]:
        """Those whose time is up, and those that nobody is left to ask for."""
        own, main = aliased(Account), aliased(Account)
        days = func.coalesce(
            own.recordings_kept_days, main.recordings_kept_days, default_days
        )
        there = (
            select(KeptRecording.id)
            .outerjoin(own, own.auth_id == KeptRecording.account_id)
            .outerjoin(main, main.auth_id == KeptRecording.main_account_id)
            .where(KeptRecording.deleted_at.is_(None))
        )
        up: list[ColumnElement[bool]] = [main.auth_id.is_(None)]
        for kept in await self._spans(default_days):
            before = now - timedelta(days=kept)
            up.append((days == kept) & (KeptRecording.added_at < before))
        query = there.where(or_(*up)).order_by(KeptRecording.added_at).limit(limit)
        return list(await self._tx.scalars(query))

    async def _spans(self, default_days: int) -> set[int]:
        """All the numbers of days that some account keeps recordings for."""
        said = select(Account.recordings_kept_days).distinct()
        return {days for days in await self._tx.scalars(said) if days} | {
            *((default_days,) if default_days else ())
        }

    async def with_files_to_delete(
        self, after: RecordingId, limit: int
    ) -> list[KeptRecording]:
        """Deleted ones whose file is not gone yet, by id, behind that one."""
        query = select(KeptRecording).where(
            KeptRecording.file_gone.is_(False),
            KeptRecording.deleted_at.is_not(None),
            KeptRecording.id > after,
        )
        rows = await self._tx.scalars(query.order_by(KeptRecording.id).limit(limit))
        return list(rows)

    async def purge(self, before: datetime) -> None:
        """Forget those that were deleted before then, file and all."""
        await self._tx.execute(
            delete(KeptRecording).where(
                KeptRecording.file_gone.is_(True), KeptRecording.deleted_at < before
            )
        )


def _is_there() -> ColumnElement[bool]:
    return KeptRecording.deleted_at.is_(None) & (KeptRecording.failure == "")


def _owned(scope: Scope) -> ColumnElement[bool]:
    """A main account's recordings include those of subaccounts that are gone."""
    if scope.with_subaccounts:
        return KeptRecording.main_account_id == scope.auth_id
    return scope.owns(KeptRecording.account_id)


def _filtered(
    query: Select[KeptRecording], wanted: RecordingFilter
) -> Select[KeptRecording]:
    row = KeptRecording
    if wanted.added_since is not None:
        query = query.where(row.added_at >= wanted.added_since)
    if wanted.added_before is not None:
        query = query.where(row.added_at < wanted.added_before)
    exact = {
        row.call_uuid: wanted.call_uuid,
        row.from_number: wanted.from_number,
        row.to_number: wanted.to_number,
        row.conference_name: wanted.conference_name,
        row.conference_uuid: wanted.conference_uuid,
    }
    for column, value in exact.items():
        if value is not None:
            query = query.where(column == value)
    return query


def _values(
    recording: Recording, main: AuthId, added_at: datetime
) -> dict[str, object]:
    order = recording.order
    return {
        "id": order.id,
        "account_id": order.account,
        "main_account_id": main,
        "call_uuid": order.call_uuid,
        "from_number": order.from_,
        "to_number": order.to,
        "conference_name": order.conference_name,
        "conference_uuid": order.conference_uuid,
        "format": order.format,
        "channels": order.channels,
        "started_at": recording.started_at,
        "duration_ms": recording.duration // _MILLISECOND,
        "size_bytes": recording.size_bytes,
        "sha256": recording.sha256,
        "failure": recording.failure,
        "added_at": added_at,
        "deleted_at": None,
        "file_gone": False,
    }
