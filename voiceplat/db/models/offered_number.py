"""The inventory: numbers that accounts may rent, those that are rented among them."""

from decimal import Decimal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from voiceplat.core.money import NOTHING
from voiceplat.db.models.base import Base


class OfferedNumber(Base):
    __tablename__ = "offered_numbers"

    number: Mapped[str] = mapped_column(String(20), primary_key=True)
    """Digits, without `+`."""
    country_iso: Mapped[str] = mapped_column(String(2), index=True)
    country: Mapped[str] = mapped_column(String(64), default="")
    country_code: Mapped[str] = mapped_column(String(4), default="")
    number_type: Mapped[str] = mapped_column(String(16), default="local")
    """local, mobile, tollfree."""
    region: Mapped[str] = mapped_column(String(128), default="")
    city: Mapped[str] = mapped_column(String(128), default="")
    rate_center: Mapped[str] = mapped_column(String(64), default="")
    lata: Mapped[str] = mapped_column(String(16), default="")
    carrier: Mapped[str] = mapped_column(String(128), default="")
    monthly_rental_rate: Mapped[Decimal] = mapped_column(default=NOTHING)
    setup_rate: Mapped[Decimal] = mapped_column(default=NOTHING)
