"""Who looks at the console: a session is a signed cookie (ADR 27).

It is signed with a key of its own for each account, made of the platform's secret and
the account's auth token: a new token ends every session of the account. Pages of others
cannot use it (`SameSite`, `require_own_page`), scripts cannot read it.
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Final
from urllib.parse import urlsplit
from uuid import uuid4

import jwt
import structlog
from fastapi import Depends
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from voiceplat.api.auth import Caller, acting_on, is_operator
from voiceplat.api.platform import Here, Platform
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import Forbidden, NotLoggedIn, Unauthorized, Unavailable
from voiceplat.core.ids import AuthId
from voiceplat.core.sealing import unseal
from voiceplat.db.models import Account
from voiceplat.db.repositories import family_in

log = structlog.get_logger()

COOKIE: Final = "voiceplat_console"
_PATH: Final = "/console"
_ALGORITHM: Final = "HS256"
_PURPOSE: Final = b"voiceplat console session "


@dataclass(frozen=True, slots=True)
class Viewer:
    """An account that is logged in, and what its pages may show."""

    caller: Caller
    is_operator: bool
    """Sees what is the platform's own too: nodes, every trunk."""
    session: str
    ends: datetime


class _Claims(BaseModel):
    """What the cookie says; the names are those of RFC 7519."""

    sub: AuthId
    jti: str
    exp: int


async def current_viewer(request: Request, here: Platform) -> Viewer:
    """Raises NotLoggedIn."""
    token = request.cookies.get(COOKIE, "")
    family = await here.db.glance(family_in, _whose(token))
    claims = _opened(token, family, here)
    if await _was_ended(claims.jti, here):
        raise NotLoggedIn("this session was ended")
    try:
        caller = acting_on(family, claims.sub, claims.sub)
    except Unauthorized as error:
        raise NotLoggedIn(str(error)) from error
    return Viewer(
        caller=caller,
        is_operator=await is_operator(caller, here),
        session=claims.jti,
        ends=datetime.fromtimestamp(claims.exp, UTC),
    )


def begin_session(
    response: Response, account: Account, request: Request, here: Platform
) -> None:
    lasting = timedelta(minutes=here.settings.console.session_minutes)
    now = utc_now()
    claims = {"sub": account.auth_id, "jti": str(uuid4()), "exp": now + lasting}
    response.set_cookie(
        COOKIE,
        jwt.encode(claims, _key(account, here), algorithm=_ALGORITHM),
        max_age=int(lasting.total_seconds()),
        path=_PATH,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


async def end_session(response: Response, viewer: Viewer, here: Platform) -> None:
    """Nobody can go on with it, whoever has its cookie."""
    await here.bus.sessions.end(viewer.session, left=viewer.ends - utc_now())
    response.delete_cookie(COOKIE, path=_PATH, httponly=True, samesite="strict")


async def require_own_page(request: Request) -> None:
    """What changes something must come from a page of this very console.

    Browsers say so in Sec-Fetch-Site, and in Origin where they do not say that.
    """
    site = request.headers.get("sec-fetch-site")
    origin = urlsplit(request.headers.get("origin", "")).netloc
    if site == "same-origin" or (
        site is None and origin and origin == request.headers.get("host")
    ):
        return
    raise Forbidden("this request does not come from a page of the console")


def _whose(token: str) -> str:
    """As the cookie says; nothing is believed of it yet. Raises NotLoggedIn."""
    try:
        said = jwt.decode(token, options={"verify_signature": False})["sub"]
    except (jwt.InvalidTokenError, KeyError) as error:
        raise NotLoggedIn("log in first") from error
    if not isinstance(said, str) or not said.isalnum():
        raise NotLoggedIn("log in first")
    return said


def _opened(token: str, family: dict[str, Account], here: Platform) -> "_Claims":
    """Raises NotLoggedIn."""
    account = family.get(_whose(token))
    if account is None:
        raise NotLoggedIn("log in first")
    try:
        claims = jwt.decode(token, _key(account, here), algorithms=[_ALGORITHM])
    except jwt.InvalidTokenError as error:
        raise NotLoggedIn("this session is over") from error
    return _Claims.model_validate(claims)


async def _was_ended(session: str, here: Platform) -> bool:
    """Unknown while Redis is away: what can be read without it stays readable."""
    try:
        return await here.bus.sessions.was_ended(session)
    except Unavailable as error:
        log.warning("session_not_looked_up", why=str(error))
        return False


def _key(account: Account, here: Platform) -> bytes:
    security = here.settings.security
    token = unseal(account.sealed_token, security)
    secret = security.secret_key.get_secret_value()
    return hmac.digest(secret.encode(), _PURPOSE + token.encode(), sha256)


async def _viewer(request: Request, here: Here) -> Viewer:
    return await current_viewer(request, here)


CurrentViewer = Annotated[Viewer, Depends(_viewer)]
