"""Applications, and which of them new numbers and endpoints get by default."""

from typing import Literal

from sqlalchemy import select, update

from voiceplat.core.ids import AuthId
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Application
from voiceplat.db.repositories.page import Page, Window, page_of
from voiceplat.db.repositories.scope import Scope

DefaultFlag = Literal["default_number_app", "default_endpoint_app"]


class ApplicationRepository:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add(self, application: Application) -> Application:
        self._tx.add(application)
        await self._tx.flush()
        return application

    async def get(self, app_id: str, scope: Scope) -> Application | None:
        query = select(Application).where(Application.app_id == app_id)
        return await self._tx.scalar(query.where(scope.owns(Application.account_id)))

    async def find(
        self, scope: Scope, window: Window, *, name_prefix: str | None = None
    ) -> Page[Application]:
        query = select(Application).where(scope.owns(Application.account_id))
        if name_prefix is not None:
            query = query.where(
                Application.name.startswith(name_prefix, autoescape=True)
            )
        order = (Application.created_at.desc(), Application.app_id)
        return await page_of(self._tx, query.order_by(*order), window)

    async def default(self, account: AuthId, flag: DefaultFlag) -> Application | None:
        query = select(Application).where(
            Application.account_id == account, getattr(Application, flag).is_(True)
        )
        return await self._tx.scalar(query.limit(1))

    async def make_only_default(self, chosen: Application, flag: DefaultFlag) -> None:
        """Take the flag from every other application of the same account."""
        others = (
            Application.account_id == chosen.account_id,
            Application.app_id != chosen.app_id,
        )
        await self._tx.execute(update(Application).where(*others).values({flag: False}))

    async def of_account(self, account: AuthId) -> list[Application]:
        query = select(Application).where(Application.account_id == account)
        return list(await self._tx.scalars(query))

    async def delete(self, application: Application) -> None:
        await self._tx.delete(application)
        await self._tx.flush()
