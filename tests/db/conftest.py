"""Every test of this folder runs on SQLite and on PostgreSQL, on migrated schemas."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.servers.postgres import (
    find_binaries,
    fresh_database,
    postgres_server,
)
from voiceplat.core.ids import AuthId
from voiceplat.core.settings import DatabaseSettings
from voiceplat.db.engine import Database
from voiceplat.db.migrate import upgrade
from voiceplat.db.models import Account
from voiceplat.db.repositories import AccountRepository

MAIN = AuthId("MA" + "A" * 18)
SUB = AuthId("SA" + "A" * 18)
OTHER = AuthId("MA" + "B" * 18)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    if find_binaries() is None:
        pytest.fail("PostgreSQL is not installed (apt-get install postgresql)")
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def empty(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[DatabaseSettings]:
    """A database without tables."""
    if request.param == "sqlite":
        yield DatabaseSettings(url=f"sqlite+aiosqlite:///{tmp_path}/voiceplat.db")
        return
    async with fresh_database(request.getfixturevalue("postgres_url")) as url:
        yield DatabaseSettings(url=url)


@pytest.fixture
async def migrated(empty: DatabaseSettings) -> DatabaseSettings:
    await upgrade(empty)
    return empty


@pytest.fixture
async def db(migrated: DatabaseSettings) -> AsyncIterator[Database]:
    """With a main account, its subaccount, and a stranger's main account."""
    async with Database.open(migrated) as database:
        async with database.transaction() as tx:
            accounts = AccountRepository(tx)
            await accounts.add(Account(auth_id=MAIN, name="main", sealed_token="x"))
            await accounts.add(Account(auth_id=OTHER, name="other", sealed_token="x"))
            await accounts.add(
                Account(auth_id=SUB, parent_id=MAIN, name="sub", sealed_token="x")
            )
        yield database
