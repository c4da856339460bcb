"""The rate table: what a minute of a call costs, by the prefix of the number."""

from decimal import Decimal

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from voiceplat.calls.rate import MINUTE_S, Rate
from voiceplat.core.money import NOTHING
from voiceplat.db.models.base import Base


class Price(Base):
    __tablename__ = "prices"

    prefix: Mapped[str] = mapped_column(String(16), primary_key=True)
    """Digits; empty for all numbers, `sip` for calls to and from endpoints."""
    country_iso: Mapped[str] = mapped_column(String(2), default="", index=True)
    country: Mapped[str] = mapped_column(String(64), default="")
    country_code: Mapped[str] = mapped_column(String(4), default="")
    number_type: Mapped[str] = mapped_column(String(16), default="local")
    """local, mobile, tollfree."""
    outbound_per_minute: Mapped[Decimal] = mapped_column(default=NOTHING)
    inbound_per_minute: Mapped[Decimal] = mapped_column(default=NOTHING)
    pulse_s: Mapped[int] = mapped_column(default=MINUTE_S)

    @property
    def outbound(self) -> Rate:
        return Rate(per_minute=self.outbound_per_minute, pulse_s=self.pulse_s)

    @property
    def inbound(self) -> Rate:
        return Rate(per_minute=self.inbound_per_minute, pulse_s=self.pulse_s)
