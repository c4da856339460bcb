"""A database of each earlier release: nothing is lost, and its programs go on.

What a program of that release writes is made up from the tables as they were then:
a row in each, with what its columns ask for.
"""

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from voiceplat.core.settings import DatabaseSettings
from voiceplat.db.engine import make_engine
from voiceplat.db.migrate import alembic_config, upgrade

pytestmark = pytest.mark.real_time

Row = dict[str, Any]
Written = dict[str, Row]
"""By table."""

NEWEST_FIRST = [
    it.revision for it in ScriptDirectory.from_config(alembic_config()).walk_revisions()
]
EARLIER = NEWEST_FIRST[:0:-1]
NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


class Release:
    """A program of an earlier release, by the tables that it knows."""

    def __init__(self, connection: sa.Connection, revision: str) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        tables = sa.MetaData()
        tables.reflect(connection)
        self._tables = [
            it for it in tables.sorted_tables if it.name != "alembic_version"
        ]

    def write(self, connection: sa.Connection, mark: str) -> Written:
        written: Written = {}
        for table in self._tables:
            written[table.name] = {
                column.name: _value(column, written, mark) for column in table.columns
            }
            connection.execute(table.insert().values(written[table.name]))
        return written

    def read(self, connection: sa.Connection) -> dict[str, list[Row]]:
        return {
            table.name: [
                dict(row) for row in connection.execute(table.select()).mappings()
            ]
            for table in self._tables
        }


def _value(column: sa.Column[Any], written: Written, mark: str) -> Any:  # noqa: ANN401
    for key in column.foreign_keys:
        there = written.get(key.column.table.name)
        return there[key.column.name] if there else None
    if isinstance(column.type, sa.DateTime):
        return NOON if column.type.timezone else NOON.replace(tzinfo=None)
    if isinstance(column.type, sa.JSON):
        return [mark]
    number = ord(mark)
    values = {str: mark, bytes: mark.encode(), bool: True}
    return (values | {int: number, float: number / 2})[column.type.python_type]


@pytest.mark.parametrize("revision", EARLIER)
async def test_an_upgrade_loses_nothing_and_leaves_older_programs_working(
    empty: DatabaseSettings, revision: str
) -> None:
    engine = make_engine(empty)
    async with engine.begin() as connection:
        older = await connection.run_sync(Release, revision)
        before = await connection.run_sync(older.write, "a")

    await upgrade(empty)

    async with engine.begin() as connection:
        after = await connection.run_sync(older.write, "b")
        found = await connection.run_sync(older.read)
    await engine.dispose()
    assert found == {table: [before[table], after[table]] for table in before}
