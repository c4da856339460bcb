"""Verified caller ids, and verifications that wait for their code."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from voiceplat.core.ids import AuthId
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Verification, VerifiedCallerId
from voiceplat.db.repositories.page import Page, Window, page_of
from voiceplat.db.repositories.scope import Scope


@dataclass(frozen=True, slots=True)
class CallerIdFilter:
    country: str | None = None
    alias: str | None = None


class VerifiedCallerIdRepository:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def put(self, caller_id: VerifiedCallerId) -> VerifiedCallerId:
        """In the place of one that the account has for that number."""
        merged = await self._tx.merge(caller_id)
        await self._tx.flush()
        return merged

    async def get(self, digits: str, scope: Scope) -> VerifiedCallerId | None:
        """A main account's own before its subaccounts'."""
        row = VerifiedCallerId
        query = select(row).where(
            row.phone_number == digits, scope.owns(row.account_id)
        )
        first = query.order_by((row.account_id != scope.auth_id), row.account_id)
        return await self._tx.scalar(first.limit(1))

    async def find(
        self, scope: Scope, window: Window, wanted: CallerIdFilter
    ) -> Page[VerifiedCallerId]:
        row = VerifiedCallerId
        query = select(row).where(scope.owns(row.account_id))
        if wanted.country is not None:
            query = query.where(row.country == wanted.country)
        if wanted.alias is not None:
            query = query.where(row.alias == wanted.alias)
        order = (row.phone_number, row.account_id)
        return await page_of(self._tx, query.order_by(*order), window)

    async def delete(self, caller_id: VerifiedCallerId) -> None:
        await self._tx.delete(caller_id)
        await self._tx.flush()


class VerificationRepository:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add(self, verification: Verification) -> None:
        self._tx.add(verification)
        await self._tx.flush()

    async def get(self, uuid: str, scope: Scope) -> Verification | None:
        row = Verification
        query = select(row).where(
            row.verification_uuid == uuid, scope.owns(row.account_id)
        )
        return await self._tx.scalar(query)

    async def latest(self, account: AuthId, digits: str) -> datetime | None:
        """When the last one for a number was begun."""
        row = Verification
        query = select(row.created_at).where(
            row.account_id == account, row.phone_number == digits
        )
        return await self._tx.scalar(query.order_by(row.created_at.desc()).limit(1))

    async def take_try(self, uuid: str) -> bool:
        """False when none is left; of tries made at once each counts."""
        row = Verification
        taken = await self._tx.execute(
            update(row)
            .where(row.verification_uuid == uuid, row.tries_left > 0)
            .values(tries_left=row.tries_left - 1)
            .returning(row.verification_uuid)
        )
        return taken.first() is not None

    async def forget(self, account: AuthId, digits: str) -> None:
        """All for a number: it is verified."""
        row = Verification
        await self._tx.execute(
            delete(row).where(row.account_id == account, row.phone_number == digits)
        )

    async def purge(self, before: datetime) -> None:
        """Forget those that expired before then."""
        row = Verification
        await self._tx.execute(delete(row).where(row.expires_at < before))
