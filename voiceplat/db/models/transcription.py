"""Transcriptions: one for each recording whose words were asked for, job and result.

A job is taken by a lease in `due_at`, as callbacks are; what a worker that died had in
hand is taken again.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AuthId, CallUuid, RecordingId
from voiceplat.db.models.base import Base


class TranscriptionState(StrEnum):
    """As the API tells it."""

    PENDING = "in-progress"
    DONE = "completed"
    FAILED = "failed"


class Transcription(Base):
    __tablename__ = "transcriptions"
    __table_args__ = (Index(None, "state", "due_at"),)

    recording_id: Mapped[RecordingId] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[AuthId] = mapped_column(String(20))
    call_uuid: Mapped[CallUuid] = mapped_column(String(36))
    url: Mapped[str] = mapped_column(Text)
    """Told of the result; empty: it is only to be looked up."""
    method: Mapped[str] = mapped_column(String(4))
    report: Mapped[str] = mapped_column(String(8))
    state: Mapped[TranscriptionState] = mapped_column(
        String(16), default=TranscriptionState.PENDING
    )
    text: Mapped[str] = mapped_column(Text, default="")
    full: Mapped[str] = mapped_column(Text, default="")
    """The `full` report: JSON, who said what when."""
    error: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=utc_now)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
