"""Access tokens: signed leave for a phone in a browser to act for an endpoint.

JWT as Plivo's SDKs make them themselves (plivo-rest 7.4): HS256 with the auth_token of
the account as key, `cty` in the header, and grants. So a token is checked the same way
whoever made it, and every token of an account ends with its auth_token.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any, Final
from uuid import uuid4

import jwt

from voiceplat.bus.directory import Directory
from voiceplat.core.clock import from_epoch_ms, utc_now
from voiceplat.core.errors import Unauthorized
from voiceplat.core.ids import AppId, AuthId
from voiceplat.core.sealing import unseal
from voiceplat.core.settings import SecuritySettings

LIFETIME_MIN: Final = timedelta(minutes=3)
LIFETIME_MAX: Final = timedelta(days=1)
CONTENT_TYPE: Final = "plivo;v=1"
_ALGORITHM: Final = "HS256"
_REQUIRED: Final = ("iss", "nbf", "exp")
_CLOCKS_DIFFER: Final = timedelta(seconds=30)
_SUBJECT: Final = re.compile(r"[A-Za-z0-9_.-]{0,100}")


class Refusal(IntEnum):
    """Why a token is not taken; the browser SDK has a word for each number."""

    NO_TOKEN = 10001
    NO_HEADER = 10002
    ISSUER = 10003
    SUBJECT = 10004
    TOO_EARLY = 10005
    EXPIRED = 10006
    SIGNATURE = 10007
    TOO_LONG = 10009


_REFUSALS: Final[tuple[tuple[type[jwt.InvalidTokenError], Refusal], ...]] = (
    (jwt.ImmatureSignatureError, Refusal.TOO_EARLY),
    (jwt.ExpiredSignatureError, Refusal.EXPIRED),
    (jwt.InvalidSignatureError, Refusal.SIGNATURE),
    (jwt.InvalidAlgorithmError, Refusal.NO_HEADER),
    (jwt.InvalidTokenError, Refusal.NO_TOKEN),
)
"""The first that fits."""


class TokenRefused(Unauthorized):
    def __init__(self, why: Refusal) -> None:
        super().__init__(f"access token refused: {why.name.lower()} ({why.value})")
        self.why = why


@dataclass(frozen=True, slots=True)
class Access:
    """What a token lets its bearer do."""

    account: AuthId
    username: str
    """Of the endpoint that the bearer is; empty for one that only calls."""
    begins: datetime
    ends: datetime
    incoming: bool = False
    outgoing: bool = False
    app_id: AppId | None = None
    """The application that answers its calls."""


def issue_token(access: Access, auth_token: str) -> str:
    voice = {"incoming_allow": access.incoming, "outgoing_allow": access.outgoing}
    claims: dict[str, Any] = {
        "jti": str(uuid4()),
        "iss": access.account,
        "sub": access.username,
        "nbf": int(access.begins.timestamp()),
        "exp": int(access.ends.timestamp()),
        "grants": {"voice": voice},
        "per": {"voice": voice},  # what the browser SDK reads
    }
    if access.app_id:
        claims["app"] = access.app_id
    headers = {"cty": CONTENT_TYPE}
    return jwt.encode(claims, auth_token, algorithm=_ALGORITHM, headers=headers)


async def check_token(
    token: str, directory: Directory, security: SecuritySettings
) -> Access:
    """What a good token says. Raises TokenRefused."""
    account = await directory.account(_issuer(token))
    if account is None or not account.enabled:
        raise TokenRefused(Refusal.ISSUER)
    try:
        claims = jwt.decode(
            token,
            unseal(account.sealed_token, security),
            algorithms=[_ALGORITHM],
            leeway=_CLOCKS_DIFFER,
            options={"require": list(_REQUIRED)},
        )
    except jwt.InvalidTokenError as error:
        raise _refused(error) from error
    access = _access(claims)
    if access.ends > utc_now() + LIFETIME_MAX + _CLOCKS_DIFFER:
        raise TokenRefused(Refusal.TOO_LONG)
    if not _SUBJECT.fullmatch(access.username):
        raise TokenRefused(Refusal.SUBJECT)
    return access


def _issuer(token: str) -> AuthId:
    """Whom the token names; nothing of it is believed yet."""
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise _refused(error) from error
    if header.get("cty") != CONTENT_TYPE:
        raise TokenRefused(Refusal.NO_HEADER)
    return AuthId(str(claims.get("iss", "")))


def _refused(error: jwt.InvalidTokenError) -> TokenRefused:
    return TokenRefused(next(why for kind, why in _REFUSALS if isinstance(error, kind)))


def _access(claims: dict[str, Any]) -> Access:
    """`grants` is what the server SDKs write, `per` what the browser SDK reads."""
    grants = claims.get("grants") or claims.get("per")
    voice = grants.get("voice") if isinstance(grants, dict) else None
    voice = voice if isinstance(voice, dict) else {}
    app = claims.get("app")
    return Access(
        account=AuthId(claims["iss"]),
        username=str(claims.get("sub") or ""),
        begins=from_epoch_ms(claims["nbf"] * 1000),
        ends=from_epoch_ms(claims["exp"] * 1000),
        incoming=voice.get("incoming_allow") is True,
        outgoing=voice.get("outgoing_allow") is True,
        app_id=AppId(str(app)) if app else None,
    )
