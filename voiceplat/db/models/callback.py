"""The ledger's outbox: callbacks that only tell, each sent until delivered or failed.

Rows of one call are sent in the order of their ids.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AuthId, CallUuid
from voiceplat.db.models.base import Base


class CallbackState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class Callback(Base):
    __tablename__ = "callbacks"
    __table_args__ = (
        Index(None, "state", "call_uuid", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True
    )
    event_id: Mapped[str | None] = mapped_column(String(40), unique=True)
    """The bus event that it tells of; an event that is applied twice adds one row."""
    call_uuid: Mapped[CallUuid] = mapped_column(String(36))
    account_id: Mapped[AuthId] = mapped_column(String(20))
    url: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(String(4))
    params: Mapped[dict[str, str]]
    state: Mapped[CallbackState] = mapped_column(
        String(16), default=CallbackState.PENDING
    )
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(default=utc_now)
    last_error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
