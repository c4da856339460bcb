"""The rate table: replaced as a whole, read by country or by prefix."""

from collections.abc import Collection, Iterable

from sqlalchemy import delete, select

from voiceplat.db.engine import Transaction
from voiceplat.db.models import Price


class PriceRepository:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def replace(self, prices: Iterable[Price]) -> None:
        await self._tx.execute(delete(Price))
        self._tx.add_all(prices)
        await self._tx.flush()

    async def all(self) -> list[Price]:
        return list(await self._tx.scalars(select(Price).order_by(Price.prefix)))

    async def of_country(self, iso: str) -> list[Price]:
        query = select(Price).where(Price.country_iso == iso).order_by(Price.prefix)
        return list(await self._tx.scalars(query))

    async def under(self, prefixes: Collection[str]) -> dict[str, Price]:
        """Those that exist, by prefix."""
        rows = await self._tx.scalars(select(Price).where(Price.prefix.in_(prefixes)))
        return {row.prefix: row for row in rows}
