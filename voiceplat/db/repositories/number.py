"""Numbers; always looked up by digits without `+`."""

from dataclasses import dataclass

from sqlalchemy import select

from voiceplat.core.ids import AppId, AuthId
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Number
from voiceplat.db.repositories.page import Page, Window, page_of
from voiceplat.db.repositories.scope import Scope


@dataclass(frozen=True, slots=True)
class NumberFilter:
    startswith: str | None = None
    alias: str | None = None
    number_type: str | None = None
    cnam_lookup: str | None = None


class NumberRepository:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add(self, number: Number) -> Number:
        self._tx.add(number)
        await self._tx.flush()
        return number

    async def get(self, digits: str, scope: Scope) -> Number | None:
        query = select(Number).where(Number.number == digits)
        return await self._tx.scalar(query.where(scope.owns(Number.account_id)))

    async def find(
        self, scope: Scope, window: Window, wanted: NumberFilter | None = None
    ) -> Page[Number]:
        wanted = wanted or NumberFilter()
        query = select(Number).where(scope.owns(Number.account_id))
        if wanted.startswith is not None:
            query = query.where(
                Number.number.startswith(wanted.startswith, autoescape=True)
            )
        if wanted.alias is not None:
            query = query.where(Number.alias == wanted.alias)
        if wanted.number_type is not None:
            query = query.where(Number.number_type == wanted.number_type)
        if wanted.cnam_lookup is not None:
            query = query.where(Number.cnam_lookup == wanted.cnam_lookup)
        return await page_of(self._tx, query.order_by(Number.number), window)

    async def all(self) -> list[Number]:
        return list(await self._tx.scalars(select(Number).order_by(Number.number)))

    async def of_application(self, app_id: AppId) -> list[Number]:
        query = select(Number).where(Number.app_id == app_id)
        return list(await self._tx.scalars(query))

    async def of_account(self, account: AuthId) -> list[Number]:
        query = select(Number).where(Number.account_id == account)
        return list(await self._tx.scalars(query))

    async def delete(self, number: Number) -> None:
        await self._tx.delete(number)
        await self._tx.flush()
