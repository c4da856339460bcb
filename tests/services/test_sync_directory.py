"""The directory says what the database says."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from voiceplat.bus.bus import Bus
from voiceplat.bus.directory import AccountEntry, AppEntry, NumberEntry, UserEntry
from voiceplat.calls.call import Hook
from voiceplat.core.ids import AppId, AuthId, EndpointId
from voiceplat.core.settings import DatabaseSettings
from voiceplat.db.engine import Database
from voiceplat.db.migrate import upgrade
from voiceplat.db.models import Account, Application, Endpoint, Number, Trunk
from voiceplat.services.sync_directory import TRUNKS_CHANGED, rebuild, tell_directory

pytestmark = pytest.mark.redis

MAIN, SUB = AuthId("MA" + "A" * 18), AuthId("SA" + "A" * 18)
APP = AppId("12345678901234567")


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    settings = DatabaseSettings(url=f"sqlite:///{tmp_path}/voiceplat.db")
    await upgrade(settings)
    async with Database.open(settings) as database:
        async with database.transaction() as tx:
            tx.add(Account(auth_id=MAIN, name="main", sealed_token="sealed-main"))
            await tx.flush()
            tx.add(
                Account(
                    auth_id=SUB,
                    parent_id=MAIN,
                    name="sub",
                    sealed_token="sealed-sub",
                    timezone="Europe/Berlin",
                )
            )
            tx.add(
                Application(
                    app_id=APP,
                    account_id=MAIN,
                    name="shop",
                    answer_url="https://app.example/a",
                    answer_method="GET",
                    fallback_url="https://app.example/f",
                )
            )
            await tx.flush()
            tx.add(Number(number="14155550100", account_id=SUB, app_id=APP))
            tx.add(
                Endpoint(
                    endpoint_id=EndpointId("1"),
                    account_id=MAIN,
                    username="alice1",
                    alias="Alice",
                    ha1="a" * 32,
                )
            )
            tx.add(
                Trunk(
                    name="carrier",
                    host="192.0.2.1",
                    port=5060,
                    from_ips=["192.0.2.0/24"],
                    prefixes=["49"],
                )
            )
        yield database


async def test_a_rebuild_tells_everything(db: Database, bus: Bus) -> None:
    directory = bus.directory
    assert not await directory.is_ready()

    await rebuild(db, bus)

    assert await directory.is_ready()
    assert await directory.account(SUB) == AccountEntry(
        auth_id=SUB,
        main_auth_id=MAIN,
        sealed_token="sealed-sub",
        sealed_main_token="sealed-main",
        timezone="Europe/Berlin",
    )
    assert await directory.app(APP) == AppEntry(
        app_id=APP,
        account=MAIN,
        answer=Hook(url="https://app.example/a", method="GET"),
        fallback=Hook(url="https://app.example/f"),
        hangup=Hook(url="https://app.example/a"),
    )
    assert await directory.number("14155550100") == NumberEntry(
        number="14155550100", account=SUB, app_id=APP
    )
    assert await directory.user("alice1") == UserEntry(
        username="alice1", ha1="a" * 32, account=MAIN
    )
    assert await directory.route("4930123") != ()
    assert await directory.route("1415") == ()


async def test_a_rebuild_removes_what_the_database_no_longer_has(
    db: Database, bus: Bus
) -> None:
    gone = UserEntry(username="mallory", ha1="b" * 32, account=MAIN)
    await bus.directory.put_user(gone)
    await bus.directory.put_number(NumberEntry(number="1900", account=MAIN))

    await rebuild(db, bus)

    assert await bus.directory.user("mallory") is None
    assert await bus.directory.number("1900") is None
    assert await bus.directory.user("alice1") is not None


async def test_a_rebuild_comes_through_more_than_one_batch(
    db: Database, bus: Bus
) -> None:
    async with db.transaction() as tx:
        tx.add_all(
            Number(number=f"1415{n:07}", account_id=MAIN) for n in range(1, 1202)
        )

    await rebuild(db, bus)

    assert len(await bus.directory.known("number")) == 1202


async def test_subaccounts_of_a_disabled_account_are_disabled(
    db: Database, bus: Bus
) -> None:
    async with db.transaction() as tx:
        main = await tx.get(Account, MAIN)
        assert main is not None
        main.enabled = False

    await rebuild(db, bus)

    entry = await bus.directory.account(SUB)
    assert entry is not None
    assert not entry.enabled


async def test_trunks_are_told_together(db: Database, bus: Bus) -> None:
    async with db.transaction() as tx:
        tx.add(
            Trunk(
                name="first",
                host="192.0.2.2",
                port=5062,
                from_ips=[],
                prefixes=["49"],
                priority=1,
            )
        )

    await tell_directory(db, bus, TRUNKS_CHANGED)

    trunks = await bus.directory.trunks()
    assert [trunk.name for trunk in trunks] == ["first", "carrier"]
    assert trunks[1].from_ips == ("192.0.2.0/24",)
