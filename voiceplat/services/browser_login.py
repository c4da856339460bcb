"""Who logs in at the edge with an access token, and what he may do there."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from voiceplat.bus.directory import Directory, UserEntry
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AppId, AuthId
from voiceplat.core.settings import SecuritySettings
from voiceplat.services.access_token import (
    Access,
    Refusal,
    TokenRefused,
    check_token,
)


@dataclass(frozen=True, slots=True)
class Login:
    username: str
    account: AuthId
    app_id: AppId | None
    expires_at: datetime
    may_be_called: bool
    may_call: bool


async def log_in(
    token: str, username: str, directory: Directory, security: SecuritySettings
) -> Login:
    """Who has `token`; the SDK made up `username`, which counts without a subject.

    The directory knows him from then on, for as long as the token is good. Raises
    TokenRefused.
    """
    access = await check_token(token, directory, security)
    user = await _user(access, username, directory)
    return Login(
        username=user.username,
        account=user.account,
        app_id=user.app_id,
        expires_at=access.ends,
        may_be_called=access.incoming,
        may_call=access.outgoing,
    )


async def _user(access: Access, made_up: str, directory: Directory) -> UserEntry:
    """An endpoint of the account when the subject names one; else a user of its own.

    Its name ends with the account's id, so that it is nobody else's.
    """
    subject, account = access.username, access.account
    user = await directory.user(subject) if subject else None
    if user and user.account == account and not subject.endswith(account):
        return user
    name = f"{subject}_{account}" if subject else made_up
    if not re.fullmatch(rf"[A-Za-z0-9_.-]+_{account}", name):
        raise TokenRefused(Refusal.SUBJECT)
    guest = UserEntry(
        username=name,
        ha1=secrets.token_hex(16),  # of no password: by token alone
        account=account,
        app_id=access.app_id,
    )
    await directory.put_guest(guest, good_for=access.ends - utc_now())
    return guest
