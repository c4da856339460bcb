"""Caller ids that an account has proven to be its own, and those it is proving."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AuthId
from voiceplat.db.models.base import Base


class VerifiedCallerId(Base):
    __tablename__ = "verified_caller_ids"

    account_id: Mapped[AuthId] = mapped_column(
        String(20), ForeignKey("accounts.auth_id", ondelete="CASCADE"), primary_key=True
    )
    phone_number: Mapped[str] = mapped_column(String(20), primary_key=True)
    """Digits, without `+`."""
    verification_uuid: Mapped[str] = mapped_column(String(36))
    alias: Mapped[str] = mapped_column(String(255), default="")
    channel: Mapped[str] = mapped_column(String(8))
    country: Mapped[str] = mapped_column(String(2), default="")
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    modified_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)


class Verification(Base):
    """A code that was spoken to a number, and is to come back over REST."""

    __tablename__ = "verifications"
    __table_args__ = (Index(None, "account_id", "phone_number"),)

    verification_uuid: Mapped[str] = mapped_column(String(36), primary_key=True)
    account_id: Mapped[AuthId] = mapped_column(
        String(20), ForeignKey("accounts.auth_id", ondelete="CASCADE")
    )
    phone_number: Mapped[str] = mapped_column(String(20))
    alias: Mapped[str] = mapped_column(String(255), default="")
    channel: Mapped[str] = mapped_column(String(8))
    country: Mapped[str] = mapped_column(String(2), default="")
    sealed_code: Mapped[str] = mapped_column(String(512))
    """core.sealing."""
    tries_left: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    expires_at: Mapped[datetime]
