"""Timelines of calls that are over, each as one compressed text."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from voiceplat.core.ids import AuthId, CallUuid
from voiceplat.db.models.base import Base


class KeptTimeline(Base):
    __tablename__ = "timelines"
    __table_args__ = (Index(None, "ended_at"),)

    call_uuid: Mapped[CallUuid] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[AuthId] = mapped_column(String(20))
    ended_at: Mapped[datetime]
    """When the call was over."""
    moments: Mapped[bytes] = mapped_column(LargeBinary)
    """JSON, deflated: pairs of an id of the bus and a timeline.Moment as JSON."""
