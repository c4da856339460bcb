"""A subaccount is deleted with what it has, or without."""

import pytest

from tests.db.conftest import MAIN, SUB
from voiceplat.core.ids import AppId, EndpointId
from voiceplat.db.engine import Database
from voiceplat.db.models import Application, Endpoint, Number, Trunk
from voiceplat.db.repositories import (
    AccountRepository,
    ApplicationRepository,
    EndpointRepository,
    NumberRepository,
    TrunkRepository,
)
from voiceplat.db.repositories.page import Window
from voiceplat.services.close_subaccount import close_subaccount

pytestmark = pytest.mark.real_time


@pytest.fixture
async def furnished(db: Database) -> Database:
    app, user = AppId("1" * 17), EndpointId("2" * 14)
    async with db.transaction() as tx:
        await ApplicationRepository(tx).add(
            Application(app_id=app, account_id=SUB, name="a", default_number_app=True)
        )
        await EndpointRepository(tx).add(
            Endpoint(
                endpoint_id=user,
                account_id=SUB,
                username="alice1",
                alias="a",
                ha1="x",
                app_id=app,
            )
        )
        await NumberRepository(tx).add(Number(number="1", account_id=SUB, app_id=app))
        await TrunkRepository(tx).add(
            Trunk(
                name="own",
                host="192.0.2.1",
                port=5060,
                from_ips=[],
                prefixes=[""],
                account_id=SUB,
            )
        )
    return db


@pytest.mark.parametrize(("cascade", "left"), [(True, 0), (False, 1)])
async def test_what_it_had_goes_or_becomes_the_main_accounts(
    furnished: Database, *, cascade: bool, left: int
) -> None:
    async with furnished.transaction() as tx:
        found = await AccountRepository(tx).subaccount(SUB, MAIN)
        assert found is not None
        changes = await close_subaccount(tx, found, cascade=cascade)

    told = {(change.kind, change.name) for change in changes}
    assert told == {
        ("account", SUB),
        ("app", "1" * 17),
        ("user", "alice1"),
        ("number", "1"),
        (None, "trunks"),
    }
    async with furnished.reading() as tx:
        apps = await ApplicationRepository(tx).of_account(MAIN)
        users = await EndpointRepository(tx).of_account(MAIN)
        numbers = await NumberRepository(tx).of_account(MAIN)
        trunks = await TrunkRepository(tx).of_account(MAIN)
        subs = await AccountRepository(tx).subaccounts(MAIN, Window())
    assert [len(it) for it in (apps, users, numbers, trunks)] == [left] * 4
    assert subs.total == 0
    assert not any(app.default_number_app for app in apps)
    assert [row.app_id for row in users] == [row.app_id for row in apps]
