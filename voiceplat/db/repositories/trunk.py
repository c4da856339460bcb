"""Trunks: few, always read together."""

from sqlalchemy import select

from voiceplat.core.ids import AuthId
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Trunk


class TrunkRepository:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add(self, trunk: Trunk) -> Trunk:
        self._tx.add(trunk)
        await self._tx.flush()
        return trunk

    async def by_name(self, name: str) -> Trunk | None:
        return await self._tx.scalar(select(Trunk).where(Trunk.name == name))

    async def all(self) -> list[Trunk]:
        """In the order in which they are tried for an equally long prefix."""
        query = select(Trunk).order_by(Trunk.priority, Trunk.id)
        return list(await self._tx.scalars(query))

    async def of_account(self, account: AuthId) -> list[Trunk]:
        query = select(Trunk).where(Trunk.account_id == account)
        return list(await self._tx.scalars(query))

    async def delete(self, trunk: Trunk) -> None:
        await self._tx.delete(trunk)
        await self._tx.flush()
