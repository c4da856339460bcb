"""Endpoints (SIP users)."""

from sqlalchemy import select

from voiceplat.core.ids import AppId, AuthId
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Endpoint
from voiceplat.db.repositories.page import Page, Window, page_of
from voiceplat.db.repositories.scope import Scope


class EndpointRepository:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add(self, endpoint: Endpoint) -> Endpoint:
        self._tx.add(endpoint)
        await self._tx.flush()
        return endpoint

    async def get(self, endpoint_id: str, scope: Scope) -> Endpoint | None:
        query = select(Endpoint).where(Endpoint.endpoint_id == endpoint_id)
        return await self._tx.scalar(query.where(scope.owns(Endpoint.account_id)))

    async def find(self, scope: Scope, window: Window) -> Page[Endpoint]:
        query = select(Endpoint).where(scope.owns(Endpoint.account_id))
        order = (Endpoint.created_at.desc(), Endpoint.endpoint_id)
        return await page_of(self._tx, query.order_by(*order), window)

    async def of_application(self, app_id: AppId) -> list[Endpoint]:
        query = select(Endpoint).where(Endpoint.app_id == app_id)
        return list(await self._tx.scalars(query))

    async def of_account(self, account: AuthId) -> list[Endpoint]:
        query = select(Endpoint).where(Endpoint.account_id == account)
        return list(await self._tx.scalars(query))

    async def delete(self, endpoint: Endpoint) -> None:
        await self._tx.delete(endpoint)
        await self._tx.flush()
