"""What the directory is filled from: rows by name, whoever's they are, in batches."""

from collections.abc import Collection
from typing import Any, Final, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from voiceplat.db.engine import Transaction
from voiceplat.db.models import Account, Application, Endpoint, Number

Row = TypeVar("Row", Account, Application, Endpoint, Number)

_NAME: Final[dict[type[Any], InstrumentedAttribute[Any]]] = {
    Account: Account.auth_id,
    Application: Application.app_id,
    Endpoint: Endpoint.username,
    Number: Number.number,
}


class ProjectionRepository:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def rows(self, model: type[Row], names: Collection[str]) -> dict[str, Row]:
        """Those that exist, by the name under which the directory has them."""
        column = _NAME[model]
        found = await self._tx.scalars(select(model).where(column.in_(names)))
        return {getattr(row, column.key): row for row in found}

    async def names(
        self, model: type[Account | Application | Endpoint | Number], *, after: str
    ) -> list[str]:
        """The next batch of names in order; none when there are no more."""
        column = _NAME[model]
        query = select(column).where(column > after).order_by(column)
        return list(await self._tx.scalars(query.limit(BATCH)))


BATCH: Final = 500
