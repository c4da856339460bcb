"""Call records (CDRs): written once, when a call is over, and never changed.

They name accounts without a foreign key: a record outlives the account it tells of.
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from voiceplat.calls.rate import MINUTE_S
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.core.ids import AuthId, CallUuid
from voiceplat.core.money import NOTHING
from voiceplat.db.models.base import Base


class CallRecord(Base):
    __tablename__ = "calls"
    __table_args__ = (
        Index(None, "account_id", "ended_at"),
        Index(None, "main_account_id", "ended_at"),
    )

    call_uuid: Mapped[CallUuid] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[AuthId] = mapped_column(String(20))
    main_account_id: Mapped[AuthId] = mapped_column(String(20))
    direction: Mapped[Direction] = mapped_column(String(8))
    status: Mapped[CallStatus] = mapped_column(String(16))
    """Always a terminal one."""
    from_number: Mapped[str] = mapped_column(Text)
    to_number: Mapped[str] = mapped_column(Text)
    caller_name: Mapped[str] = mapped_column(Text)
    parent_call_uuid: Mapped[CallUuid | None] = mapped_column(String(36), index=True)
    initiated_at: Mapped[datetime]
    ringing_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime]
    bill_duration: Mapped[int]
    """Seconds talked, rounded up."""
    rate: Mapped[Decimal] = mapped_column(default=NOTHING)
    """For each minute."""
    pulse_s: Mapped[int] = mapped_column(default=MINUTE_S)
    amount: Mapped[Decimal] = mapped_column(default=NOTHING)
    """What the account was debited with this call."""
    hangup_cause_code: Mapped[int]
    hangup_source: Mapped[str] = mapped_column(String(32))
    source_ip: Mapped[str] = mapped_column(Text)
    packets_received: Mapped[int] = mapped_column(BigInteger)
    packets_lost: Mapped[int] = mapped_column(BigInteger)
    jitter_ms: Mapped[float]
