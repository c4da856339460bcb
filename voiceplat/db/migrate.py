"""Brings the database to the schema of this version; safe to run by many at once.

The scripts lie in `migrations/`: beside the package in a checkout, else where the
wheel put them (`share/voiceplat/migrations` of the environment).
"""

import sysconfig
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import voiceplat
from voiceplat.core.errors import VoiceplatError
from voiceplat.core.settings import DatabaseSettings
from voiceplat.db.engine import make_engine, translate_errors

_MIGRATION_LOCK: Final = 0x76706D69


class MigrationsMissing(VoiceplatError):
    """The package was installed without its migration scripts."""


async def upgrade(settings: DatabaseSettings) -> None:
    """Raises Unavailable when the database cannot be reached."""
    config = alembic_config()
    engine = make_engine(settings)
    try:
        async with translate_errors(), engine.begin() as connection:
            await connection.run_sync(_upgrade, config)
    finally:
        await engine.dispose()


async def is_current(settings: DatabaseSettings) -> bool:
    """Whether the database has the schema of this version."""
    engine = make_engine(settings)
    try:
        async with translate_errors(), engine.connect() as connection:
            found = await connection.run_sync(
                lambda sync: MigrationContext.configure(sync).get_current_revision()
            )
    finally:
        await engine.dispose()
    return found == ScriptDirectory.from_config(alembic_config()).get_current_head()


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_scripts()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> Path:
    beside = Path(voiceplat.__file__).parent.parent / "migrations"
    installed = Path(sysconfig.get_path("data")) / "share/voiceplat/migrations"
    for folder in (beside, installed):
        if (folder / "env.py").is_file():
            return folder
    raise MigrationsMissing(f"no migration scripts in {beside} or {installed}")


def _upgrade(connection: sa.Connection, config: Config) -> None:
    if connection.dialect.name == "postgresql":  # SQLite is locked since BEGIN
        lock = sa.text("SELECT pg_advisory_xact_lock(:key)")
        connection.execute(lock, {"key": _MIGRATION_LOCK})
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
