"""Numbers of an account: where calls from the telephone network arrive."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AppId, AuthId
from voiceplat.core.money import NOTHING
from voiceplat.db.models.base import Base


class Number(Base):
    __tablename__ = "numbers"

    number: Mapped[str] = mapped_column(String(20), primary_key=True)
    """Digits, without `+`."""
    account_id: Mapped[AuthId] = mapped_column(
        String(20), ForeignKey("accounts.auth_id", ondelete="CASCADE"), index=True
    )
    app_id: Mapped[AppId | None] = mapped_column(
        String(20), ForeignKey("applications.app_id", ondelete="SET NULL"), index=True
    )
    alias: Mapped[str] = mapped_column(String(255), default="")
    number_type: Mapped[str] = mapped_column(String(16), default="local")
    country: Mapped[str] = mapped_column(String(64), default="")
    region: Mapped[str] = mapped_column(String(128), default="")
    carrier: Mapped[str] = mapped_column(String(128), default="")
    city: Mapped[str] = mapped_column(String(128), default="")
    monthly_rental_rate: Mapped[Decimal] = mapped_column(default=NOTHING)
    cnam_lookup: Mapped[str] = mapped_column(String(16), default="disabled")
    added_at: Mapped[datetime] = mapped_column(default=utc_now)
