"""What customers say of the quality of their calls."""

from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AuthId, CallUuid
from voiceplat.db.models.base import Base


class CallFeedback(Base):
    __tablename__ = "call_feedback"

    call_uuid: Mapped[CallUuid] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[AuthId] = mapped_column(String(20), index=True)
    rating: Mapped[int]
    """1 to 5, the best."""
    issues: Mapped[list[str]]
    notes: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
