"""The outbox of notify-only callbacks, read by any number of ledgers."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update

from voiceplat.core.ids import AuthId, CallUuid
from voiceplat.db.engine import Transaction
from voiceplat.db.models import Callback, CallbackState


class CallbackRepository:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add(  # noqa: PLR0913 - one argument for each column of the row
        self,
        *,
        call_uuid: CallUuid,
        account: AuthId,
        url: str,
        method: str,
        params: Mapping[str, str],
        due_at: datetime | None = None,
        event_id: str | None = None,
    ) -> int:
        """Its id; rows of one call are sent in the order in which they were added.

        A row of the same event that is there already is left as it is.
        """
        if event_id is not None:
            there = select(Callback.id).where(Callback.event_id == event_id)
            if (found := await self._tx.scalar(there)) is not None:
                return found
        row = Callback(
            event_id=event_id,
            call_uuid=call_uuid,
            account_id=account,
            url=url,
            method=method,
            params=dict(params),
        )
        if due_at is not None:
            row.due_at = due_at
        self._tx.add(row)
        await self._tx.flush()
        return row.id

    async def due(
        self, now: datetime, limit: int, *, lease: timedelta = timedelta(0)
    ) -> list[Callback]:
        """The oldest pending row of each call, where that row is due.

        With a lease the rows are put off by it in this transaction, so that no other
        ledger sends them meanwhile, and one that dies gives them back.
        """
        pending = Callback.state == CallbackState.PENDING
        heads = (
            select(func.min(Callback.id)).where(pending).group_by(Callback.call_uuid)
        )
        query = (
            select(Callback)
            .where(Callback.id.in_(heads), pending, Callback.due_at <= now)
            .order_by(Callback.due_at, Callback.id)
            .limit(limit)
        )
        if lease:
            query = query.with_for_update(skip_locked=True)
        rows = list(await self._tx.scalars(query))
        if lease:
            for row in rows:
                row.due_at = now + lease
            await self._tx.flush()
        return rows

    async def next_due(self) -> datetime | None:
        """When the earliest of the rows that `due` may give is due."""
        pending = Callback.state == CallbackState.PENDING
        heads = (
            select(func.min(Callback.id)).where(pending).group_by(Callback.call_uuid)
        )
        return await self._tx.scalar(
            select(func.min(Callback.due_at)).where(Callback.id.in_(heads))
        )

    async def pending(self) -> tuple[int, datetime | None]:
        """How many are not settled, and since when the oldest of them is there."""
        pending = Callback.state == CallbackState.PENDING
        found = select(func.count(), func.min(Callback.created_at)).where(pending)
        count, oldest = (await self._tx.execute(found)).one()
        return count, oldest

    async def has_pending(self, call_uuid: CallUuid) -> bool:
        query = select(Callback.id).where(
            Callback.call_uuid == call_uuid, Callback.state == CallbackState.PENDING
        )
        return await self._tx.scalar(query.limit(1)) is not None

    async def delivered(self, id: int) -> None:  # noqa: A002 - the column's name
        await self._settle(id, state=CallbackState.DELIVERED, last_error="")

    async def retry(self, id: int, due_at: datetime, error: str) -> None:  # noqa: A002
        await self._settle(id, due_at=due_at, last_error=error)

    async def failed(self, id: int, error: str) -> None:  # noqa: A002
        await self._settle(id, state=CallbackState.FAILED, last_error=error)

    async def purge(self, before: datetime) -> None:
        """Forget settled rows made before then."""
        settled = Callback.state != CallbackState.PENDING
        await self._tx.execute(
            delete(Callback).where(settled, Callback.created_at < before)
        )

    async def _settle(self, row_id: int, **values: object) -> None:
        await self._tx.execute(
            update(Callback)
            .where(Callback.id == row_id)
            .values(attempts=Callback.attempts + 1, **values)
        )
