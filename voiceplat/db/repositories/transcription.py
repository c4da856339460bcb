"""Transcriptions: jobs that are taken by lease, and their results."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, select, update

from voiceplat.calls.recording import TranscriptionOrder
from voiceplat.core.ids import AuthId, CallUuid, RecordingId
from voiceplat.db.engine import Transaction
from voiceplat.db.insert import insert_once
from voiceplat.db.models import Transcription, TranscriptionState


class TranscriptionRepository:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add_once(
        self,
        recording: RecordingId,
        account: AuthId,
        call_uuid: CallUuid,
        order: TranscriptionOrder | None,
        now: datetime,
    ) -> bool:
        """False when the recording has one; without an order nobody is told."""
        return await insert_once(
            self._tx,
            Transcription,
            {
                "recording_id": recording,
                "account_id": account,
                "call_uuid": call_uuid,
                "url": order.hook.url if order else "",
                "method": order.hook.method if order else "POST",
                "report": order.report if order else "compact",
                "state": TranscriptionState.PENDING,
                "text": "",
                "full": "",
                "error": "",
                "attempts": 0,
                "due_at": now,
                "created_at": now,
            },
        )

    async def get(self, recording: RecordingId) -> Transcription | None:
        return await self._tx.get(Transcription, recording)

    async def next_due(self) -> datetime | None:
        return await self._tx.scalar(
            select(func.min(Transcription.due_at)).where(_pending())
        )

    async def take(self, now: datetime, lease: timedelta) -> Transcription | None:
        """The oldest due job, put off by the lease so that nobody else takes it."""
        query = (
            select(Transcription)
            .where(_pending(), Transcription.due_at <= now)
            .order_by(Transcription.due_at, Transcription.recording_id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        job = await self._tx.scalar(query)
        if job is not None:
            job.due_at = now + lease
            job.attempts += 1
            await self._tx.flush()
        return job

    async def renew(
        self, recording: RecordingId, attempt: int, due_at: datetime
    ) -> bool:
        """False when the job is not that attempt's any more."""
        return await self._change(recording, attempt, due_at=due_at)

    async def give_back(
        self,
        recording: RecordingId,
        attempt: int,
        due_at: datetime,
        *,
        why: str,
        tried: bool,
    ) -> None:
        """To be taken again then; `tried`: it counts as an attempt."""
        attempts = attempt if tried else attempt - 1
        await self._change(
            recording, attempt, due_at=due_at, error=why, attempts=attempts
        )

    async def settle(
        self,
        recording: RecordingId,
        attempt: int,
        *,
        text: str = "",
        full: str = "",
        error: str = "",
    ) -> bool:
        """False when the job is not that attempt's any more: nothing is written."""
        state = TranscriptionState.FAILED if error else TranscriptionState.DONE
        return await self._change(
            recording, attempt, state=state, text=text, full=full, error=error
        )

    async def delete(self, recording: RecordingId) -> bool:
        """False when there was none."""
        gone = await self._tx.execute(
            delete(Transcription)
            .where(Transcription.recording_id == recording)
            .returning(Transcription.recording_id)
        )
        return gone.first() is not None

    async def _change(
        self, recording: RecordingId, attempt: int, **values: object
    ) -> bool:
        changed = await self._tx.execute(
            update(Transcription)
            .where(
                Transcription.recording_id == recording,
                Transcription.attempts == attempt,
                _pending(),
            )
            .values(**values)
            .returning(Transcription.recording_id)
        )
        return changed.first() is not None


def _pending() -> ColumnElement[bool]:
    return Transcription.state == TranscriptionState.PENDING
