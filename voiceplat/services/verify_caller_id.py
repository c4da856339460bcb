"""Proves that a number is an account's own: we call it and speak a code.

The code comes back over REST. Whoever answers the phone knows it, and nobody else: it
is sealed in the database, never logged, and gone with the call from the bus.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from voiceplat.calls.call import Call
from voiceplat.calls.status import Direction
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import BadRequest, NotFound, RateLimited
from voiceplat.core.ids import AuthId, new_call_uuid
from voiceplat.core.sealing import seal, unseal
from voiceplat.core.settings import SecuritySettings, VerificationSettings
from voiceplat.db.engine import Database, Transaction
from voiceplat.db.models import Verification, VerifiedCallerId
from voiceplat.db.repositories import (
    NumberRepository,
    VerificationRepository,
    VerifiedCallerIdRepository,
)
from voiceplat.db.repositories.page import Window
from voiceplat.db.repositories.scope import Scope

CHANNEL = "call"
DIGITS = 6
_DOCUMENT = """\
<Response>
  <Wait length="1"/>
  <Speak loop="3" language="en-US">Hello. Your verification code is {code}.</Speak>
</Response>
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which number is to be verified, and for whom."""

    owner: AuthId
    main: AuthId
    phone_number: str
    alias: str
    country: str


def new_code() -> str:
    return "".join(secrets.choice("0123456789") for _ in range(DIGITS))


def spoken(code: str) -> str:
    """The document that speaks a code, digit by digit."""
    return _DOCUMENT.format(code=", ".join(code))


async def begin_verification(
    tx: Transaction,
    wanted: Wanted,
    code: str,
    settings: VerificationSettings,
    security: SecuritySettings,
) -> Verification:
    """Raises RateLimited when the number was called a moment ago."""
    repository, now = VerificationRepository(tx), utc_now()
    await repository.purge(now - timedelta(days=1))
    last = await repository.latest(wanted.owner, wanted.phone_number)
    pause = timedelta(seconds=settings.again_after_s)
    if last is not None and now - last < pause:
        raise RateLimited(last + pause - now)
    begun = Verification(
        verification_uuid=str(uuid4()),
        account_id=wanted.owner,
        phone_number=wanted.phone_number,
        alias=wanted.alias,
        channel=CHANNEL,
        country=wanted.country,
        sealed_code=seal(code, security),
        tries_left=settings.tries,
        expires_at=now + timedelta(seconds=settings.code_valid_s),
    )
    await repository.add(begun)
    return begun


async def verification_call(
    tx: Transaction, wanted: Wanted, code: str, settings: VerificationSettings
) -> Call:
    """The call that speaks the code; it shows a number of the platform's, or none."""
    shown = settings.from_number.removeprefix("+")
    if not shown:
        scope = Scope(wanted.main, with_subaccounts=True)
        own = await NumberRepository(tx).find(scope, Window(1))
        shown = own.rows[0].number if own.rows else "anonymous"
    return Call(
        uuid=new_call_uuid(),
        account=wanted.owner,
        main_account=wanted.main,
        direction=Direction.OUTBOUND,
        from_=shown,
        to=wanted.phone_number,
        initiated_at=utc_now(),
        withheld=not shown.isdecimal(),
        document=spoken(code),
        time_limit=timedelta(seconds=settings.call_limit_s),
        ring_timeout=timedelta(seconds=settings.ring_timeout_s),
    )


async def finish_verification(
    db: Database, uuid: str, code: str, scope: Scope, security: SecuritySettings
) -> VerifiedCallerId:
    """Raises NotFound when there is none, or it is over; BadRequest for a wrong code.

    A try is spent, and stays spent, before the code is looked at.
    """
    async with db.transaction() as tx:
        found = await VerificationRepository(tx).get(uuid, scope)
        if found is None or found.expires_at <= utc_now():
            raise NotFound("verification not found, or expired")
        may_try = await VerificationRepository(tx).take_try(uuid)
    if not may_try:
        raise NotFound("verification not found, or expired")
    right = unseal(found.sealed_code, security).encode()
    if not secrets.compare_digest(right, code.encode()):
        raise BadRequest("otp parameter is invalid: that was not the code")
    async with db.transaction() as tx:
        made = VerifiedCallerId(
            account_id=found.account_id,
            phone_number=found.phone_number,
            verification_uuid=found.verification_uuid,
            alias=found.alias,
            channel=found.channel,
            country=found.country,
        )
        made = await VerifiedCallerIdRepository(tx).put(made)
        await VerificationRepository(tx).forget(found.account_id, found.phone_number)
    return made
