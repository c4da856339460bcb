"""The outbox: in order for each call, each row by one ledger at a time."""

from datetime import datetime, timedelta

import pytest

from tests.db.conftest import MAIN
from tests.db.ended import NOON
from voiceplat.core.ids import CallUuid, new_call_uuid
from voiceplat.db.engine import Database
from voiceplat.db.models import Callback
from voiceplat.db.repositories import CallbackRepository

pytestmark = pytest.mark.real_time


async def add(db: Database, call: CallUuid, due_at: datetime = NOON) -> int:
    async with db.transaction() as tx:
        return await CallbackRepository(tx).add(
            call_uuid=call,
            account=MAIN,
            url="https://app.example/hangup",
            method="POST",
            params={"Event": "Hangup", "To": "Zürich ☎"},
            due_at=due_at,
        )


async def due(db: Database, now: datetime, lease: int = 0) -> list[Callback]:
    async with db.transaction() as tx:
        return await CallbackRepository(tx).due(now, 10, lease=timedelta(seconds=lease))


async def test_a_row_comes_back_as_it_was_added(db: Database) -> None:
    call = new_call_uuid()
    await add(db, call)

    [row] = await due(db, NOON)

    assert (row.call_uuid, row.account_id, row.method) == (call, MAIN, "POST")
    assert row.params == {"Event": "Hangup", "To": "Zürich ☎"}


async def test_only_the_oldest_row_of_each_call_is_due(db: Database) -> None:
    one, two = new_call_uuid(), new_call_uuid()
    first = await add(db, one)
    await add(db, one)
    other = await add(db, two)

    rows = await due(db, NOON)

    assert [row.id for row in rows] == [first, other]


async def test_a_row_that_waits_for_its_retry_holds_back_those_after_it(
    db: Database,
) -> None:
    call = new_call_uuid()
    first = await add(db, call)
    await add(db, call)

    async with db.transaction() as tx:
        later = NOON + timedelta(seconds=5)
        await CallbackRepository(tx).retry(first, later, "connection refused")

    assert await due(db, NOON) == []
    [row] = await due(db, NOON + timedelta(seconds=5))
    assert (row.id, row.attempts, row.last_error) == (first, 1, "connection refused")


@pytest.mark.parametrize("how", ["delivered", "failed"])
async def test_a_settled_row_lets_the_next_one_go(db: Database, how: str) -> None:
    call = new_call_uuid()
    first, second = await add(db, call), await add(db, call)

    async with db.transaction() as tx:
        callbacks = CallbackRepository(tx)
        if how == "delivered":
            await callbacks.delivered(first)
        else:
            await callbacks.failed(first, "gave up")

    assert [row.id for row in await due(db, NOON)] == [second]


async def test_a_leased_row_is_given_to_nobody_else_until_the_lease_ends(
    db: Database,
) -> None:
    row = await add(db, new_call_uuid())

    mine = await due(db, NOON, lease=60)
    theirs = await due(db, NOON, lease=60)
    later = await due(db, NOON + timedelta(seconds=60), lease=60)

    assert [callback.id for callback in mine] == [row]
    assert theirs == []
    assert [callback.id for callback in later] == [row]


async def test_the_next_due_time_is_that_of_the_earliest_head(db: Database) -> None:
    async with db.reading() as tx:
        assert await CallbackRepository(tx).next_due() is None
    await add(db, new_call_uuid(), NOON + timedelta(seconds=9))
    await add(db, new_call_uuid(), NOON + timedelta(seconds=3))

    async with db.reading() as tx:
        soonest = await CallbackRepository(tx).next_due()

    assert soonest == NOON + timedelta(seconds=3)


async def test_purging_forgets_settled_rows_alone(db: Database) -> None:
    settled, pending = await add(db, new_call_uuid()), await add(db, new_call_uuid())
    async with db.transaction() as tx:
        await CallbackRepository(tx).delivered(settled)

    async with db.transaction() as tx:
        await CallbackRepository(tx).purge(datetime.now(NOON.tzinfo) + timedelta(1))

    async with db.reading() as tx:
        assert await tx.get(Callback, settled) is None
        assert await tx.get(Callback, pending) is not None
