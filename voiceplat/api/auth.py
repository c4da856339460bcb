"""Who asks, and on which account: HTTP Basic with auth_id and auth_token (1.2).

The account in the path is the user's own, or a subaccount of the user's main account;
anything else is 401, as is a disabled account. Turns are counted for the user.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from fastapi import Depends
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from starlette.requests import Request

from voiceplat.api.platform import Here, Platform
from voiceplat.core.errors import Unauthorized, Unavailable
from voiceplat.core.ids import AuthId
from voiceplat.core.sealing import unseal
from voiceplat.db.models import Account
from voiceplat.db.repositories import AccountRepository, family_in
from voiceplat.db.repositories.scope import Scope

log = structlog.get_logger()

basic = HTTPBasic(realm="voiceplat", auto_error=False)
_NOBODY: Final = secrets.token_urlsafe(30)
"""Compared with when there is no such user, so that this takes as long."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The account that is acted on, and what its requests may see."""

    account: Account
    main: Account

    @property
    def auth_id(self) -> AuthId:
        return self.account.auth_id

    @property
    def scope(self) -> Scope:
        return Scope(self.auth_id, with_subaccounts=self.account is self.main)

    @property
    def zone(self) -> tzinfo:
        """UTC on a host that does not have the account's zone."""
        try:
            return ZoneInfo(self.account.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            log.warning("zone_unknown", zone=self.account.timezone)
            return UTC

    def uri(self, path: str) -> str:
        """`resource_uri` of something of this account."""
        return f"/v1/Account/{self.auth_id}/{path}"

    def owns_call(self, account: AuthId, main: AuthId) -> bool:
        """Whether a call with these owners may be seen and ended."""
        if self.account is self.main:
            return main == self.auth_id
        return account == self.auth_id


Credentials = Annotated[HTTPBasicCredentials | None, Depends(basic)]


async def _caller(
    request: Request, auth_id: str, credentials: Credentials, here: Here
) -> Caller:
    return await _authenticated(request, auth_id, credentials, here)


async def _user(request: Request, credentials: Credentials, here: Here) -> Caller:
    own = credentials.username if credentials else ""
    return await _authenticated(request, own, credentials, here)


async def _authenticated(
    request: Request,
    auth_id: str,
    credentials: HTTPBasicCredentials | None,
    here: Platform,
) -> Caller:
    if credentials is None or not credentials.username.isprintable():
        raise Unauthorized("authentication credentials are missing")
    user, password = credentials.username, credentials.password
    family = await here.db.glance(family_in, user, auth_id)
    check_password(family.get(user), password, here)
    await _take_turn(request, user, here)
    return acting_on(family, user, auth_id)


def check_password(account: Account | None, password: str, here: Platform) -> None:
    """In a time that tells nothing. Raises Unauthorized."""
    security = here.settings.security
    token = unseal(account.sealed_token, security) if account else _NOBODY
    right = secrets.compare_digest(token.encode(), password.encode())
    if account is None or not right:
        raise Unauthorized("authentication failed")


async def _take_turn(request: Request, user: str, here: Platform) -> None:
    """Reading goes on uncounted while Redis is away; nothing else does."""
    limits = here.settings.api
    window = timedelta(seconds=limits.window_s)
    try:
        await here.bus.turns.take(
            user, allowed=limits.requests_per_window, window=window
        )
    except Unavailable as error:
        if request.method != "GET":
            raise
        log.warning("turn_not_counted", why=str(error))


def acting_on(family: dict[str, Account], user: str, auth_id: str) -> Caller:
    """The user, on an account that is its to act on. Raises Unauthorized."""
    account = family.get(auth_id)
    if account is None or user not in {account.auth_id, account.main_id}:
        raise Unauthorized("authentication failed")
    main = family[account.main_id]
    if not (account.enabled and main.enabled):
        raise Unauthorized("this account is disabled")
    return Caller(account, main)


async def is_operator(caller: Caller, here: Platform) -> bool:
    """Whether what is the platform's own is the caller's business."""
    wanted = here.settings.api.operator_account
    if not wanted:
        async with here.db.reading() as tx:
            oldest = await AccountRepository(tx).oldest_main()
        wanted = oldest.auth_id if oldest else ""
    return caller.auth_id == wanted


CurrentCaller = Annotated[Caller, Depends(_caller)]
CurrentUser = Annotated[Caller, Depends(_user)]
"""For paths that name no account."""
