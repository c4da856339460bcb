"""Logging in to the console and out of it, with auth_id and auth_token."""

from datetime import datetime, timedelta
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from voiceplat.api.auth import acting_on, check_password
from voiceplat.api.console.session import (
    CurrentViewer,
    begin_session,
    current_viewer,
    end_session,
    require_own_page,
)
from voiceplat.api.platform import Here, Platform
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import NotLoggedIn, Unauthorized
from voiceplat.core.ids import AuthId
from voiceplat.db.models import Account
from voiceplat.db.repositories import AccountRepository, family_in
from voiceplat.db.repositories.page import Window

log = structlog.get_logger()

ACCOUNTS_MAX = 500
router = APIRouter(prefix="/console/api", include_in_schema=False)


class LoginForm(BaseModel):
    auth_id: Annotated[str, Field(max_length=20, pattern=r"^[A-Za-z0-9]*$")]
    auth_token: Annotated[str, Field(max_length=200, repr=False)]


class NamedAccount(BaseModel):
    auth_id: AuthId
    name: str


class SessionView(BaseModel):
    account: NamedAccount
    accounts: list[NamedAccount]
    """Whose calls are shown: the account and its subaccounts."""
    is_operator: bool
    ends: datetime
    now: datetime
    """By the platform's clock, which pages count by."""


@router.post("/login", status_code=204, dependencies=[Depends(require_own_page)])
async def log_in(
    form: LoginForm, request: Request, response: Response, here: Here
) -> None:
    """Wrong tokens count; as the API, it answers in a time that tells nothing."""
    source = request.client.host if request.client else ""
    limits = here.settings.console
    guesser = f"console:{source}:{form.auth_id}"
    await here.bus.turns.take(
        guesser,
        allowed=limits.login_attempts,
        window=timedelta(seconds=limits.login_lockout_s),
    )
    try:
        account = await _proven(form, here)
    except Unauthorized as error:
        log.warning("console_login_refused", source=source, account=form.auth_id)
        raise NotLoggedIn("wrong auth_id or auth_token, or disabled") from error
    await here.bus.turns.forget(guesser)
    begin_session(response, account, request, here)
    log.info("console_login", source=source, account=account.auth_id)


@router.get("/login")
async def is_logged_in(request: Request, here: Here) -> bool:
    """For the page that asks for a log-in: no error when there is none."""
    try:
        await current_viewer(request, here)
    except NotLoggedIn:
        return False
    return True


@router.post("/logout", status_code=204, dependencies=[Depends(require_own_page)])
async def log_out(viewer: CurrentViewer, response: Response, here: Here) -> None:
    await end_session(response, viewer, here)


@router.get("/session")
async def show_session(viewer: CurrentViewer, here: Here) -> SessionView:
    own = viewer.caller.account
    rows = [own]
    if own is viewer.caller.main:
        async with here.db.reading() as tx:
            window = Window(ACCOUNTS_MAX)
            rows += (await AccountRepository(tx).subaccounts(own.auth_id, window)).rows
    named = [NamedAccount(auth_id=it.auth_id, name=it.name) for it in rows]
    return SessionView(
        account=named[0],
        accounts=named,
        is_operator=viewer.is_operator,
        ends=viewer.ends,
        now=utc_now(),
    )


async def _proven(form: LoginForm, here: Platform) -> Account:
    """Raises Unauthorized."""
    family = await here.db.glance(family_in, form.auth_id)
    check_password(family.get(form.auth_id), form.auth_token, here)
    return acting_on(family, form.auth_id, form.auth_id).account
