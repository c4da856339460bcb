"""Access tokens of the cloud's browser SDK: who logs in with one, and what he may do.

Whoever has an account's auth token signs them, with the cloud's server SDKs or with our
API (plivo-rest 7.3); a JWT with HS256. Here they are checked, never kept.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any, Final

from pydantic import BaseModel, Field, ValidationError

from voiceplat.bus.directory import AccountEntry, Directory, UserEntry
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import VoiceplatError
from voiceplat.core.ids import AppId, AuthId
from voiceplat.core.sealing import unseal
from voiceplat.core.settings import SecuritySettings

GOOD_FOR_MOST: Final = timedelta(days=1)
_CLOCKS_DIFFER: Final = timedelta(seconds=30)
_SUBJECT: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")


class Refusal(IntEnum):
    """Why a token is not taken; the SDK has a word for each number."""

    NO_TOKEN = 10001
    NO_HEADER = 10002
    ISSUER = 10003
    SUBJECT = 10004
    TOO_EARLY = 10005
    EXPIRED = 10006
    SIGNATURE = 10007
    GRANTS = 10008
    TOO_LONG = 10009


class TokenRefused(VoiceplatError):
    def __init__(self, why: Refusal) -> None:
        super().__init__(f"access token refused: {why.name.lower()} ({why.value})")
        self.why = why


@dataclass(frozen=True, slots=True)
class Login:
    username: str
    account: AuthId
    app_id: AppId | None
    expires_at: datetime
    may_be_called: bool
    may_call: bool


class _Voice(BaseModel):
    incoming_allow: bool = False
    outgoing_allow: bool = False


class _Grants(BaseModel):
    voice: _Voice = _Voice()


class _Claims(BaseModel):
    iss: AuthId
    sub: str = ""
    nbf: int = 0
    exp: int
    app: str = ""
    grants: _Grants | None = None
    per: _Grants = Field(default_factory=_Grants)
    """What the browser SDK reads; `grants` is what the server SDKs write."""


async def log_in(
    token: str, username: str, directory: Directory, security: SecuritySettings
) -> Login:
    """Who has `token`; the SDK made up `username`, which counts without a subject.

    The directory knows him from then on, for as long as the token is good. Raises
    TokenRefused.
    """
    signed, _, signature = token.rpartition(".")
    claims = _claims(signed)
    account = await directory.account(claims.iss)
    if account is None or not account.enabled:
        raise TokenRefused(Refusal.ISSUER)
    if not _is_signed(signed, signature, account, security):
        raise TokenRefused(Refusal.SIGNATURE)
    _require_time(claims)
    return await _known(claims, username, directory)


def _claims(signed: str) -> _Claims:
    header, _, payload = signed.partition(".")
    try:
        if _decoded(header).get("alg") != "HS256":
            raise TokenRefused(Refusal.NO_HEADER)
        claims = _Claims.model_validate(_decoded(payload))
    except (ValidationError, ValueError, AttributeError) as error:
        raise TokenRefused(Refusal.NO_TOKEN) from error
    if claims.sub and not _SUBJECT.fullmatch(claims.sub):
        raise TokenRefused(Refusal.SUBJECT)
    return claims


def _is_signed(
    signed: str, signature: str, account: AccountEntry, security: SecuritySettings
) -> bool:
    key = unseal(account.sealed_token, security).encode()
    right = hmac.digest(key, signed.encode(), hashlib.sha256)
    try:
        return hmac.compare_digest(_bytes(signature), right)
    except ValueError:
        return False


def _require_time(claims: _Claims) -> None:
    now = utc_now()
    begins = datetime.fromtimestamp(claims.nbf, UTC)
    ends = datetime.fromtimestamp(claims.exp, UTC)
    if ends <= now:
        raise TokenRefused(Refusal.EXPIRED)
    if begins > now + _CLOCKS_DIFFER:
        raise TokenRefused(Refusal.TOO_EARLY)
    if ends > now + GOOD_FOR_MOST + _CLOCKS_DIFFER:
        raise TokenRefused(Refusal.TOO_LONG)


async def _known(claims: _Claims, made_up: str, directory: Directory) -> Login:
    """An endpoint of the account when the subject names one; else a user of its own.

    Its name ends with the account's id, so that it is nobody else's.
    """
    user = await directory.user(claims.sub) if claims.sub else None
    if user is None or user.account != claims.iss or claims.sub.endswith(claims.iss):
        name = f"{claims.sub}_{claims.iss}" if claims.sub else made_up
        if not re.fullmatch(rf"[A-Za-z0-9_.-]+_{claims.iss}", name):
            raise TokenRefused(Refusal.SUBJECT)
        user = UserEntry(
            username=name,
            ha1=secrets.token_hex(16),  # of no password: by token alone
            account=claims.iss,
            app_id=AppId(claims.app) if claims.app else None,
        )
        ends = datetime.fromtimestamp(claims.exp, UTC)
        await directory.put_guest(user, good_for=ends - utc_now())
    voice = (claims.grants or claims.per).voice
    return Login(
        username=user.username,
        account=user.account,
        app_id=user.app_id,
        expires_at=datetime.fromtimestamp(claims.exp, UTC),
        may_be_called=voice.incoming_allow,
        may_call=voice.outgoing_allow,
    )


def _decoded(part: str) -> Any:  # noqa: ANN401 - JSON of any shape
    return json.loads(_bytes(part))


def _bytes(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
