"""Transactions: what is written, what is not, and what failures are called."""

import asyncio
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.db.conftest import MAIN
from voiceplat.core.errors import Conflict, Unavailable
from voiceplat.core.ids import AuthId
from voiceplat.core.settings import DatabaseSettings
from voiceplat.db.engine import Database
from voiceplat.db.migrate import upgrade
from voiceplat.db.models import Account, Trunk
from voiceplat.db.repositories import AccountRepository, TrunkRepository, family_in

pytestmark = pytest.mark.real_time


def _trunk(name: str) -> Trunk:
    return Trunk(name=name, host="192.0.2.1", port=5060, from_ips=[], prefixes=[""])


async def test_a_block_that_raises_writes_nothing(db: Database) -> None:
    async def add_and_fail() -> None:
        async with db.transaction() as tx:
            await TrunkRepository(tx).add(_trunk("carrier"))
            raise ValueError("changed my mind")

    with pytest.raises(ValueError, match="changed my mind"):
        await add_and_fail()

    async with db.reading() as tx:
        assert await TrunkRepository(tx).all() == []


async def test_a_reading_block_writes_nothing(db: Database) -> None:
    with suppress(Unavailable):  # SQLite refuses at once, PostgreSQL takes it back
        async with db.reading() as tx:
            account = await AccountRepository(tx).get(MAIN)
            assert account is not None
            account.name = "changed"
            await tx.flush()

    async with db.reading() as tx:
        again = await AccountRepository(tx).get(MAIN)
        assert again is not None
        assert again.name == "main"


async def test_a_second_row_with_the_same_key_is_a_conflict(db: Database) -> None:
    with pytest.raises(Conflict):
        async with db.transaction() as tx:
            await AccountRepository(tx).add(
                Account(auth_id=MAIN, name="again", sealed_token="x")
            )


async def test_a_row_of_an_account_that_does_not_exist_is_refused(db: Database) -> None:
    with pytest.raises(Conflict):
        async with db.transaction() as tx:
            await AccountRepository(tx).add(
                Account(auth_id="SA1", parent_id="MA1", name="x", sealed_token="x")
            )


async def test_many_writers_that_read_first_all_succeed(db: Database) -> None:
    async def rename(name: str) -> None:
        async with db.transaction() as tx:
            account = await AccountRepository(tx).get(MAIN)
            assert account is not None
            account.address += name

    await asyncio.gather(*(rename("x") for _ in range(8)))

    async with db.reading() as tx:
        account = await AccountRepository(tx).get(MAIN)
        assert account is not None
        assert "x" in account.address


async def test_the_id_of_a_removed_trunk_is_never_given_again(db: Database) -> None:
    async with db.transaction() as tx:
        first = await TrunkRepository(tx).add(_trunk("first"))
    async with db.transaction() as tx:
        repository = TrunkRepository(tx)
        found = await repository.by_name("first")
        assert found is not None
        await repository.delete(found)

    async with db.transaction() as tx:
        second = await TrunkRepository(tx).add(_trunk("second"))

    assert second.id > first.id


async def test_a_database_that_is_away_is_unavailable() -> None:
    away = DatabaseSettings(url="postgresql://postgres@127.0.0.1:1/postgres")

    async with Database.open(away) as database:
        with pytest.raises(Unavailable, match="the database"):
            await database.ping()


async def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    away = DatabaseSettings(url=f"sqlite:///{tmp_path}/missing/voiceplat.db")

    async with Database.open(away) as database:
        with pytest.raises(Unavailable, match="the database"):
            await database.ping()


async def test_times_come_back_aware_and_in_utc(db: Database) -> None:
    async with db.reading() as tx:
        account = await AccountRepository(tx).get(MAIN)

    assert account is not None
    assert account.created_at.tzinfo is not None
    assert account.created_at.utcoffset() is not None


async def test_a_glance_sees_what_was_committed_last(db: Database) -> None:
    before = await db.glance(family_in, MAIN)

    async with db.transaction() as tx:
        await AccountRepository(tx).change(AuthId(MAIN), {"name": "renamed"})

    assert before[MAIN].name == "main"
    assert (await db.glance(family_in, MAIN))[MAIN].name == "renamed"


async def test_a_glance_waits_for_no_writer(db: Database) -> None:
    async with db.transaction() as tx:
        await AccountRepository(tx).change(AuthId(MAIN), {"name": "renamed"})
        await tx.flush()

        async with asyncio.timeout(1):
            seen = await db.glance(family_in, MAIN)

        assert seen[MAIN].name == "main"


async def test_a_glance_writes_nothing(db: Database) -> None:
    def spoil(session: Session) -> None:
        session.add(Account(auth_id="MAX", name="x", sealed_token="x"))
        session.flush()

    with suppress(Unavailable):
        await db.glance(spoil)

    assert await db.glance(family_in, "MAX") == {}


async def test_a_glance_that_finds_it_locked_looks_again_as_a_read_does(
    tmp_path: Path,
) -> None:
    settings = DatabaseSettings(url=f"sqlite:///{tmp_path / 'voiceplat.db'}")
    await upgrade(settings)
    looks = []

    def locked_at_first(session: Session) -> int:
        looks.append(session)
        if len(looks) == 1:
            why = sqlite3.OperationalError("database is locked")
            raise OperationalError("SELECT", {}, why)
        return len(family_in(session, MAIN))

    async with Database.open(settings) as db:
        assert await db.glance(locked_at_first) == 0

    assert len(looks) == 2


async def test_a_glance_at_no_database_is_unavailable(tmp_path: Path) -> None:
    settings = DatabaseSettings(url=f"sqlite:///{tmp_path}/no/folder/voiceplat.db")
    async with Database.open(settings) as db:
        with pytest.raises(Unavailable):
            await db.glance(family_in, MAIN)
