"""Access tokens: signed leave for a phone in a browser to act for an endpoint.

JWT as Plivo's SDKs make them themselves (plivo-rest 7.4): HS256 with the auth_token of
the account as key, `cty` in the header, and grants. So a token is checked the same way
whoever made it, and every token of an account ends with its auth_token.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import jwt

from voiceplat.bus.directory import Directory
from voiceplat.core.clock import from_epoch_ms
from voiceplat.core.errors import Unauthorized
from voiceplat.core.ids import AppId, AuthId
from voiceplat.core.sealing import unseal
from voiceplat.core.settings import SecuritySettings

LIFETIME_MIN: Final = timedelta(minutes=3)
LIFETIME_MAX: Final = timedelta(days=1)
CONTENT_TYPE: Final = "plivo;v=1"
_ALGORITHM: Final = "HS256"
_REQUIRED: Final = ("iss", "nbf", "exp")


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
    """Raises Unauthorized for one that no account of ours signed, or out of time."""
    account = await directory.account(_issuer(token))
    if account is None or not account.enabled:
        raise Unauthorized("the token's account is unknown or disabled")
    key = unseal(account.sealed_token, security)
    try:
        claims = jwt.decode(
            token, key, algorithms=[_ALGORITHM], options={"require": list(_REQUIRED)}
        )
    except jwt.InvalidTokenError as error:
        raise Unauthorized(f"the token is not valid: {error}") from error
    return _access(claims)


def _issuer(token: str) -> AuthId:
    """Whom the token names; nothing of it is believed yet."""
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise Unauthorized(f"the token is not valid: {error}") from error
    if header.get("cty") != CONTENT_TYPE:
        raise Unauthorized("the token is not valid: it is not one of Plivo's kind")
    return AuthId(str(claims.get("iss", "")))


def _access(claims: dict[str, Any]) -> Access:
    grants = claims.get("grants")
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
