"""Applications, endpoints and numbers: who sees them, and what refers to what."""

import pytest

from tests.db.conftest import MAIN, OTHER, SUB
from voiceplat.core.ids import AppId, AuthId, EndpointId, new_app_id
from voiceplat.db.engine import Database
from voiceplat.db.models import Account, Application, Endpoint, Number
from voiceplat.db.repositories import (
    ApplicationRepository,
    EndpointRepository,
    NumberRepository,
)
from voiceplat.db.repositories.number import NumberFilter
from voiceplat.db.repositories.page import Window
from voiceplat.db.repositories.projection import ProjectionRepository
from voiceplat.db.repositories.scope import Scope

pytestmark = pytest.mark.real_time

ALL = Scope(MAIN, with_subaccounts=True)


async def add_app(db: Database, name: str, account: AuthId = MAIN) -> AppId:
    async with db.transaction() as tx:
        made = Application(app_id=new_app_id(), account_id=account, name=name)
        return (await ApplicationRepository(tx).add(made)).app_id


async def test_names_are_found_by_their_beginning_taken_literally(db: Database) -> None:
    for name in ("shop_a", "shop_b", "shopXa"):
        await add_app(db, name)

    async with db.reading() as tx:
        page = await ApplicationRepository(tx).find(ALL, Window(), name_prefix="shop_")

    assert {row.name for row in page.rows} == {"shop_a", "shop_b"}


async def test_nobody_finds_an_application_of_a_stranger(db: Database) -> None:
    app_id = await add_app(db, "secret", OTHER)

    async with db.reading() as tx:
        repository = ApplicationRepository(tx)
        assert await repository.get(app_id, ALL) is None
        assert await repository.get(app_id, Scope(SUB)) is None
        assert await repository.get(app_id, Scope(OTHER)) is not None


async def test_a_default_application_is_the_only_one_of_its_account(
    db: Database,
) -> None:
    old, new, foreign = [
        await add_app(db, name, account)
        for name, account in (("old", MAIN), ("new", MAIN), ("foreign", OTHER))
    ]
    async with db.transaction() as tx:
        repository = ApplicationRepository(tx)
        for app_id, account in ((old, MAIN), (new, MAIN), (foreign, OTHER)):
            app = await repository.get(app_id, Scope(account))
            assert app is not None
            app.default_number_app = True
            await tx.flush()
            await repository.make_only_default(app, "default_number_app")

    async with db.reading() as tx:
        repository = ApplicationRepository(tx)
        mine = await repository.default(MAIN, "default_number_app")
        theirs = await repository.default(OTHER, "default_number_app")

    assert mine is not None
    assert theirs is not None
    assert (mine.app_id, theirs.app_id) == (new, foreign)


async def test_what_referred_to_a_removed_application_refers_to_none(
    db: Database,
) -> None:
    app_id = await add_app(db, "gone")
    async with db.transaction() as tx:
        await NumberRepository(tx).add(
            Number(number="14155550100", account_id=MAIN, app_id=app_id)
        )
        await EndpointRepository(tx).add(
            Endpoint(
                endpoint_id=EndpointId("1"),
                account_id=MAIN,
                username="alice1",
                alias="Alice",
                ha1="0" * 32,
                app_id=app_id,
            )
        )

    async with db.transaction() as tx:
        app = await ApplicationRepository(tx).get(app_id, ALL)
        assert app is not None
        await ApplicationRepository(tx).delete(app)

    async with db.reading() as tx:
        number = await NumberRepository(tx).get("14155550100", ALL)
        endpoint = await EndpointRepository(tx).get("1", ALL)
        assert number is not None
        assert number.app_id is None
        assert endpoint is not None
        assert endpoint.app_id is None


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (NumberFilter(), ["14155550100", "493012345"]),
        (NumberFilter(startswith="49"), ["493012345"]),
        (NumberFilter(alias="office"), ["14155550100"]),
        (NumberFilter(number_type="tollfree"), []),
        (NumberFilter(cnam_lookup="disabled"), ["14155550100", "493012345"]),
    ],
)
async def test_numbers_are_found_by_what_they_are(
    db: Database, wanted: NumberFilter, numbers: list[str]
) -> None:
    async with db.transaction() as tx:
        repository = NumberRepository(tx)
        await repository.add(Number(number="493012345", account_id=SUB))
        await repository.add(
            Number(number="14155550100", account_id=MAIN, alias="office")
        )
        await repository.add(Number(number="442071234", account_id=OTHER))

    async with db.reading() as tx:
        page = await NumberRepository(tx).find(ALL, Window(), wanted)

    assert [row.number for row in page.rows] == numbers


async def test_the_projection_sees_every_account_in_order(db: Database) -> None:
    async with db.reading() as tx:
        repository = ProjectionRepository(tx)
        names = await repository.names(Account, after="")
        rest = await repository.names(Account, after=names[0])
        rows = await repository.rows(Account, [MAIN, "MAnobody"])

    assert sorted(names) == sorted([MAIN, OTHER, SUB])
    assert rest == names[1:]
    assert list(rows) == [MAIN]
