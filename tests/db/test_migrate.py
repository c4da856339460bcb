"""Migrations and models must say the same."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from voiceplat.core.settings import DatabaseSettings
from voiceplat.db.engine import make_engine
from voiceplat.db.migrate import is_current, upgrade
from voiceplat.db.models import Base

pytestmark = pytest.mark.real_time


def _difference(connection: sa.Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, Base.metadata))


async def test_a_migrated_database_has_exactly_the_tables_of_the_models(
    migrated: DatabaseSettings,
) -> None:
    engine = make_engine(migrated)

    async with engine.connect() as connection:
        difference = await connection.run_sync(_difference)
    await engine.dispose()

    assert difference == []


async def test_a_database_is_current_only_after_the_upgrade(
    empty: DatabaseSettings,
) -> None:
    assert not await is_current(empty)

    await upgrade(empty)

    assert await is_current(empty)


async def test_several_processes_may_upgrade_at_once(empty: DatabaseSettings) -> None:
    await asyncio.gather(*(upgrade(empty) for _ in range(3)))

    assert await is_current(empty)
