"""Main accounts and their subaccounts; a subaccount is an account with a parent."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AuthId
from voiceplat.core.money import NOTHING, BillingMode
from voiceplat.db.models.base import Base


class Account(Base):
    __tablename__ = "accounts"

    auth_id: Mapped[AuthId] = mapped_column(String(20), primary_key=True)
    parent_id: Mapped[AuthId | None] = mapped_column(
        String(20), ForeignKey("accounts.auth_id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(255))
    sealed_token: Mapped[str] = mapped_column(String(512))
    """core.sealing; the token itself is never stored."""
    enabled: Mapped[bool] = mapped_column(default=True)
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    address: Mapped[str] = mapped_column(String(255), default="")
    city: Mapped[str] = mapped_column(String(255), default="")
    state: Mapped[str] = mapped_column(String(255), default="")
    calls_per_second: Mapped[float | None]
    """Of a main account; None is `settings.queue.calls_per_second`."""
    recordings_kept_days: Mapped[int | None]
    """None: as its main account's, which is `settings.recordings.kept_days` at None.
    0: for ever."""
    billing_mode: Mapped[BillingMode] = mapped_column(
        String(16), default=BillingMode.POSTPAID
    )
    cash_credits: Mapped[Decimal] = mapped_column(default=NOTHING)
    """Of a main account, both: its subaccounts' calls are its own to pay."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    modified_at: Mapped[datetime] = mapped_column(default=utc_now, onupdate=utc_now)

    parent: Mapped["Account | None"] = relationship(
        remote_side="Account.auth_id", lazy="raise"
    )

    @property
    def main_id(self) -> AuthId:
        return self.parent_id or self.auth_id

    @property
    def can_pay(self) -> bool:
        """Of a main account: whether calls that cost something may begin."""
        return self.billing_mode == BillingMode.POSTPAID or self.cash_credits > NOTHING
