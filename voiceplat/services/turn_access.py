"""Who may use the TURN server, and until when.

A user name that begins with its end, and its HMAC as the password: the server needs to
know nothing of users (draft-uberti-behave-turn-rest).
"""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from voiceplat.core.errors import VoiceplatError
from voiceplat.core.settings import Settings

_PURPOSE: Final = b"voiceplat turn"


class NoTurnSecret(VoiceplatError):
    """Nothing to sign credentials with."""


@dataclass(frozen=True, slots=True)
class TurnAccess:
    username: str
    password: str


def turn_secret(settings: Settings) -> str:
    """Raises NoTurnSecret."""
    if own := settings.turn.secret.get_secret_value():
        return own
    key = settings.security.secret_key.get_secret_value()
    if not key:
        raise NoTurnSecret("turn.port needs turn.secret or security.secret_key")
    return hmac.digest(key.encode(), _PURPOSE, "sha256").hex()


def turn_access(user: str, settings: Settings, now: datetime) -> TurnAccess:
    """Raises NoTurnSecret."""
    ends = now + timedelta(seconds=settings.turn.credentials_valid_s)
    username = f"{int(ends.timestamp())}:{user}"
    signed = hmac.digest(turn_secret(settings).encode(), username.encode(), "sha1")
    return TurnAccess(username, base64.b64encode(signed).decode())
