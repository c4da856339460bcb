"""Applications: which documents and callbacks a number or endpoint gets."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AppId, AuthId
from voiceplat.db.models.base import Base


class Application(Base):
    __tablename__ = "applications"

    app_id: Mapped[AppId] = mapped_column(String(20), primary_key=True)
    account_id: Mapped[AuthId] = mapped_column(
        String(20), ForeignKey("accounts.auth_id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(String(255))
    answer_url: Mapped[str] = mapped_column(Text, default="")
    answer_method: Mapped[str] = mapped_column(String(4), default="POST")
    hangup_url: Mapped[str] = mapped_column(Text, default="")
    """Empty: the answer_url is told of the hang-up."""
    hangup_method: Mapped[str] = mapped_column(String(4), default="POST")
    fallback_url: Mapped[str] = mapped_column(Text, default="")
    fallback_method: Mapped[str] = mapped_column(String(4), default="POST")
    message_url: Mapped[str] = mapped_column(Text, default="")
    message_method: Mapped[str] = mapped_column(String(4), default="POST")
    default_number_app: Mapped[bool] = mapped_column(default=False)
    default_endpoint_app: Mapped[bool] = mapped_column(default=False)
    log_incoming_messages: Mapped[bool] = mapped_column(default=True)
    public_uri: Mapped[bool] = mapped_column(default=False)
    enabled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
