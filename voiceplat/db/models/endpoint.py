"""Endpoints: SIP users. Only the digest hash of a password is ever stored."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AppId, AuthId, EndpointId
from voiceplat.db.models.base import Base


class Endpoint(Base):
    __tablename__ = "endpoints"

    endpoint_id: Mapped[EndpointId] = mapped_column(String(20), primary_key=True)
    account_id: Mapped[AuthId] = mapped_column(
        String(20), ForeignKey("accounts.auth_id", ondelete="CASCADE"), index=True
    )
    username: Mapped[str] = mapped_column(String(128), unique=True)
    alias: Mapped[str] = mapped_column(String(255))
    ha1: Mapped[str] = mapped_column(String(32))
    """MD5 of `username:realm:password` (RFC 2617 3.2.2.2); realm is `sip.domain`."""
    app_id: Mapped[AppId | None] = mapped_column(
        String(20), ForeignKey("applications.app_id", ondelete="SET NULL"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
