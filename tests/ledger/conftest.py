import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bus.calls import MAIN
from tests.ledger.customer import Customer
from tests.ledger.parts import Clock, Parts
from voiceplat.bus.bus import Bus
from voiceplat.bus.directory import AccountEntry
from voiceplat.core.sealing import new_secret_key, seal
from voiceplat.core.settings import DatabaseSettings, SecuritySettings
from voiceplat.db.engine import Database
from voiceplat.db.migrate import upgrade


@pytest.fixture(scope="session")
def empty_database() -> dict[str, Path]:
    """Where the migrated file is kept, once a test has made it."""
    return {}


@pytest.fixture
async def database_file(
    empty_database: dict[str, Path],
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    if "file" not in empty_database:
        file = tmp_path_factory.mktemp("ledger") / "voiceplat.db"
        await upgrade(DatabaseSettings(url=f"sqlite:///{file}"))
        empty_database["file"] = file
    return Path(shutil.copy(empty_database["file"], tmp_path / "voiceplat.db"))


@pytest.fixture
async def db(database_file: Path) -> AsyncIterator[Database]:
    settings = DatabaseSettings(url=f"sqlite:///{database_file}")
    async with Database.open(settings) as db:
        yield db


@pytest.fixture
def security() -> SecuritySettings:
    return SecuritySettings.model_validate(
        {"secret_key": new_secret_key(), "allow_private_urls": True}
    )


@pytest.fixture
async def parts(
    bus: Bus, db: Database, security: SecuritySettings
) -> AsyncIterator[Parts]:
    """A ledger's collaborators; the directory knows the account MAIN."""
    token = seal("token", security)
    await bus.directory.put_account(
        AccountEntry(
            auth_id=MAIN,
            main_auth_id=MAIN,
            sealed_token=token,
            sealed_main_token=token,
            timezone="Asia/Kolkata",
        )
    )
    await bus.directory.mark_ready()
    customer = Customer()
    async with customer.client(security) as client:
        yield Parts(bus, db, security, customer, client, Clock())
