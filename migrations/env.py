"""Runs migrations on the connection that `voiceplat.db.migrate` gives.

`alembic -c migrations/alembic.ini revision --autogenerate -m "…"` (for developers)
comes without one and gets the database of the settings.
"""

import asyncio
from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

from voiceplat.core.settings import load_settings
from voiceplat.db.engine import make_engine
from voiceplat.db.models import Base
from voiceplat.db.models.base import UtcDateTime


def render(kind: str, item: Any, _: AutogenContext) -> str | Literal[False]:  # noqa: ANN401
    """Scripts name plain types, so that they do not change when ours do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def run_with_settings() -> None:
    engine = make_engine(load_settings().database)
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    asyncio.run(run_with_settings())
