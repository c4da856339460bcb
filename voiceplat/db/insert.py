"""INSERT … ON CONFLICT DO NOTHING, which each dialect spells in its own module."""

from collections.abc import Mapping

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite

from voiceplat.db.engine import Transaction
from voiceplat.db.models import Base


async def insert_once(
    tx: Transaction, model: type[Base], values: Mapping[str, object]
) -> bool:
    """False when a row with that key was there already; it is left as it is."""
    key = inspect(model).primary_key
    if tx.get_bind().dialect.name == "postgresql":
        added = await tx.execute(
            postgresql.insert(model)
            .values(dict(values))
            .on_conflict_do_nothing(index_elements=key)
            .returning(*key)
        )
    else:
        added = await tx.execute(
            sqlite.insert(model)
            .values(dict(values))
            .on_conflict_do_nothing(index_elements=key)
            .returning(*key)
        )
    return added.first() is not None
