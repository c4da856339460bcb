"""Trunks: carriers that numbers are reached over, and that calls are taken from."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AuthId
from voiceplat.db.models.base import Base


class Trunk(Base):
    __tablename__ = "trunks"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - ids never reused

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)
    host: Mapped[str] = mapped_column(String(255))
    port: Mapped[int]
    from_ips: Mapped[list[str]]
    prefixes: Mapped[list[str]]
    """Digits; the empty text carries every number."""
    priority: Mapped[int] = mapped_column(default=10)
    weight: Mapped[int] = mapped_column(default=1)
    """Share of the calls among trunks of one prefix length and priority."""
    calls_per_second: Mapped[int | None]
    """Calls started out over it in any second; None: no limit."""
    calls_max: Mapped[int | None]
    """Calls out over it at once; None: no limit."""
    number_format: Mapped[str] = mapped_column(String(32), default="e164")
    """core.number_format."""
    dial_prefix: Mapped[str] = mapped_column(String(16), default="")
    """Put before every called number."""
    trusted: Mapped[bool] = mapped_column(default=False)
    """Whether P-Asserted-Identity is believed from it and told to it (RFC 3325)."""
    account_id: Mapped[AuthId | None] = mapped_column(
        String(20), ForeignKey("accounts.auth_id", ondelete="CASCADE")
    )
    """None: every account may call out over it."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
