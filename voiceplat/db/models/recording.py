"""Recordings: written by the ledger when one is over, hidden and forgotten later.

They name accounts without a foreign key: what a subaccount recorded stays with its main
account when the subaccount is gone. A deleted row stays a while as the memory that its
file must go, and that a recording which is announced again is no new one.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from voiceplat.calls.recording import Channels, FileFormat
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AuthId, CallUuid, RecordingId
from voiceplat.db.models.base import Base


class KeptRecording(Base):
    __tablename__ = "recordings"
    __table_args__ = (
        Index(None, "account_id", "added_at"),
        Index(None, "main_account_id", "added_at"),
        Index(None, "file_gone", "deleted_at"),
    )

    id: Mapped[RecordingId] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[AuthId] = mapped_column(String(20))
    main_account_id: Mapped[AuthId] = mapped_column(String(20))
    call_uuid: Mapped[CallUuid] = mapped_column(String(36), index=True)
    from_number: Mapped[str] = mapped_column(Text)
    to_number: Mapped[str] = mapped_column(Text)
    conference_name: Mapped[str] = mapped_column(Text)
    conference_uuid: Mapped[str] = mapped_column(String(36))
    format: Mapped[FileFormat] = mapped_column(String(4))
    channels: Mapped[Channels] = mapped_column(String(8))
    started_at: Mapped[datetime]
    duration_ms: Mapped[int] = mapped_column(BigInteger)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    failure: Mapped[str] = mapped_column(Text)
    """Why there is no file; empty when there is one."""
    added_at: Mapped[datetime] = mapped_column(default=utc_now)
    deleted_at: Mapped[datetime | None]
    """Since when nobody sees it any more."""
    file_gone: Mapped[bool] = mapped_column(default=False)
    """Whether the store was told to delete the file of a deleted recording."""
