"""Accounts and subaccounts."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from voiceplat.core.ids import AuthId
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Account
from voiceplat.db.repositories.page import Page, Window, page_of

_NAMED: Final = Account.auth_id.in_(bindparam("auth_ids", expanding=True))
_FAMILY: Final = select(Account).where(
    _NAMED | Account.auth_id.in_(select(Account.parent_id).where(_NAMED))
)
"""Made once: every request to the API asks it."""


def family_in(session: Session, *auth_ids: str) -> dict[str, Account]:
    """Those accounts that exist, and their parents, by auth_id."""
    rows = session.scalars(_FAMILY, {"auth_ids": auth_ids})
    return {row.auth_id: row for row in rows}


class AccountRepository:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add(self, account: Account) -> Account:
        self._tx.add(account)
        await self._tx.flush()
        return account

    async def get(self, auth_id: str) -> Account | None:
        return await self._tx.get(Account, auth_id)

    async def family(self, *auth_ids: str) -> dict[str, Account]:
        """See `family_in`."""
        return await self._tx.run_sync(family_in, *auth_ids)

    async def credit(self, main: AuthId, amount: Decimal) -> Account | None:
        """Add to what a main account has, or take from it; the account as it is now."""
        query = (
            update(Account)
            .where(Account.auth_id == main)
            .values(cash_credits=Account.cash_credits + amount)
            .returning(Account)
            .execution_options(populate_existing=True)
        )
        return await self._tx.scalar(query)

    async def family_of(self, main: AuthId) -> list[AuthId]:
        """A main account and its subaccounts."""
        query = select(Account.auth_id).where(
            (Account.auth_id == main) | (Account.parent_id == main)
        )
        return list(await self._tx.scalars(query))

    async def change(self, auth_id: AuthId, values: Mapping[str, object]) -> None:
        if values:
            await self._tx.execute(
                update(Account).where(Account.auth_id == auth_id).values(dict(values))
            )

    async def subaccount(self, auth_id: str, main: AuthId) -> Account | None:
        """None when it is not one of that main account."""
        query = select(Account).where(
            Account.auth_id == auth_id, Account.parent_id == main
        )
        return await self._tx.scalar(query)

    async def subaccounts(self, main: AuthId, window: Window) -> Page[Account]:
        query = select(Account).where(Account.parent_id == main)
        order = (Account.created_at.desc(), Account.auth_id)
        return await page_of(self._tx, query.order_by(*order), window)

    async def delete(self, account: Account) -> None:
        await self._tx.delete(account)
        await self._tx.flush()

    async def oldest_main(self) -> Account | None:
        query = (
            select(Account)
            .where(Account.parent_id.is_(None))
            .order_by(Account.created_at, Account.auth_id)
            .limit(1)
        )
        return await self._tx.scalar(query)

    async def all(self) -> list[Account]:
        """Oldest first; main accounts and subaccounts."""
        query = select(Account).order_by(Account.created_at, Account.auth_id)
        return list(await self._tx.scalars(query))
