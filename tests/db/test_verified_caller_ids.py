"""A number is proven by a code: a few tries, for a while, and then never again."""

import asyncio
from datetime import timedelta

import pytest

from tests.db.conftest import MAIN, OTHER, SUB
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import BadRequest, NotFound, RateLimited
from voiceplat.core.ids import AuthId
from voiceplat.core.sealing import new_secret_key
from voiceplat.core.settings import SecuritySettings, VerificationSettings
from voiceplat.db.engine import Database
from voiceplat.db.models import Number, VerifiedCallerId
from voiceplat.db.repositories import (
    NumberRepository,
    VerificationRepository,
    VerifiedCallerIdRepository,
)
from voiceplat.db.repositories.page import Window
from voiceplat.db.repositories.scope import Scope
from voiceplat.db.repositories.verified_caller_id import CallerIdFilter
from voiceplat.services.verify_caller_id import (
    Wanted,
    begin_verification,
    finish_verification,
    verification_call,
)

pytestmark = pytest.mark.real_time

CODE = "402817"
SECURITY = SecuritySettings.model_validate({"secret_key": new_secret_key()})
ALL = Scope(MAIN, with_subaccounts=True)


def wanted(number: str = "14155550177", owner: AuthId = MAIN) -> Wanted:
    return Wanted(
        owner=owner, main=MAIN, phone_number=number, alias="desk", country="US"
    )


async def begin(db: Database, one: Wanted | None = None, **settings: int) -> str:
    limits = VerificationSettings.model_validate(settings)
    async with db.transaction() as tx:
        begun = await begin_verification(tx, one or wanted(), CODE, limits, SECURITY)
    return begun.verification_uuid


async def finish(
    db: Database, uuid: str, code: str = CODE, scope: Scope = ALL
) -> VerifiedCallerId:
    return await finish_verification(db, uuid, code, scope, SECURITY)


async def test_the_right_code_verifies_the_number_once(db: Database) -> None:
    uuid = await begin(db)

    made = await finish(db, uuid)

    assert (made.phone_number, made.alias, made.country) == (
        "14155550177",
        "desk",
        "US",
    )
    with pytest.raises(NotFound):
        await finish(db, uuid)


async def test_a_wrong_code_spends_a_try_and_the_last_one_ends_it(
    db: Database,
) -> None:
    uuid = await begin(db, tries=2)

    for _ in range(2):
        with pytest.raises(BadRequest, match="was not the code"):
            await finish(db, uuid, "000000")

    with pytest.raises(NotFound, match="expired"):
        await finish(db, uuid)


async def test_tries_that_are_made_at_once_count_each(db: Database) -> None:
    uuid = await begin(db, tries=2)
    tries = [finish(db, uuid, "000000") for _ in range(5)]

    refused = await asyncio.gather(*tries, return_exceptions=True)

    assert sum(isinstance(one, BadRequest) for one in refused) == 2
    assert sum(isinstance(one, NotFound) for one in refused) == 3


async def test_a_code_is_good_for_a_while_only(db: Database) -> None:
    uuid = await begin(db)
    async with db.transaction() as tx:
        found = await VerificationRepository(tx).get(uuid, ALL)
        assert found is not None
        found.expires_at = utc_now() - timedelta(seconds=1)

    with pytest.raises(NotFound, match="expired"):
        await finish(db, uuid)


async def test_others_cannot_finish_it(db: Database) -> None:
    uuid = await begin(db)

    for scope in (Scope(OTHER, with_subaccounts=True), Scope(SUB)):
        with pytest.raises(NotFound):
            await finish(db, uuid, scope=scope)


async def test_a_number_is_not_called_again_at_once(db: Database) -> None:
    await begin(db)

    with pytest.raises(RateLimited) as refused:
        await begin(db)

    assert timedelta(0) < refused.value.retry_after <= timedelta(seconds=60)
    await begin(db, wanted("14155550178"))


async def test_the_code_is_sealed_in_the_database(db: Database) -> None:
    uuid = await begin(db)

    async with db.reading() as tx:
        found = await VerificationRepository(tx).get(uuid, ALL)

    assert found is not None
    assert CODE not in found.sealed_code


async def test_verified_numbers_are_listed_and_found_by_their_owners(
    db: Database,
) -> None:
    await finish(db, await begin(db))
    await finish(db, await begin(db, wanted("14155550178", SUB)))

    async with db.reading() as tx:
        repository = VerifiedCallerIdRepository(tx)
        everything = await repository.find(ALL, Window(), CallerIdFilter())
        subs = await repository.find(Scope(SUB), Window(), CallerIdFilter(country="US"))
        none = await repository.find(ALL, Window(), CallerIdFilter(alias="x"))
        mine = await repository.get("14155550177", Scope(SUB))

    assert (everything.total, subs.total, none.total) == (2, 1, 0)
    assert mine is None


@pytest.mark.parametrize(
    ("settings", "has_number", "shown"),
    [
        ({"from_number": "+18005550100"}, True, "18005550100"),
        ({}, True, "14155550100"),
        ({}, False, "anonymous"),
    ],
)
async def test_the_call_shows_a_number_that_may_be_shown(
    db: Database, settings: dict[str, str], *, has_number: bool, shown: str
) -> None:
    if has_number:
        async with db.transaction() as tx:
            await NumberRepository(tx).add(Number(number="14155550100", account_id=SUB))

    async with db.reading() as tx:
        limits = VerificationSettings.model_validate(settings)
        call = await verification_call(tx, wanted(), CODE, limits)

    assert call.from_ == shown
    assert call.withheld is (shown == "anonymous")
    assert "4, 0, 2, 8, 1, 7" in call.document
    assert "402817" not in repr(call)
