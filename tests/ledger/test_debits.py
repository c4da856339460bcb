"""Calls are paid for once, in the transaction that writes their record."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.bus.calls import MAIN, NORMAL, SUB, a_call, dialled
from tests.ledger.parts import HANGUP, Parts, running, until
from voiceplat.bus.events import Event
from voiceplat.calls.call import EndFacts
from voiceplat.calls.rate import Rate
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import CallUuid
from voiceplat.core.money import BillingMode
from voiceplat.db.models import Account
from voiceplat.db.repositories import AccountRepository
from voiceplat.services.sync_directory import rebuild

pytestmark = pytest.mark.redis

RATE = Rate(per_minute=Decimal("0.5"), pulse_s=6)


@pytest.fixture(autouse=True)
async def accounts(parts: Parts) -> None:
    """MAIN is prepaid and has 1.00."""
    async with parts.db.transaction() as tx:
        repository = AccountRepository(tx)
        await repository.add(
            Account(
                auth_id=MAIN,
                name="main",
                sealed_token="x",
                billing_mode=BillingMode.PREPAID,
                cash_credits=Decimal(1),
            )
        )
        await repository.add(
            Account(auth_id=SUB, parent_id=MAIN, name="sub", sealed_token="x")
        )
    await rebuild(parts.db, parts.bus)


async def talked(parts: Parts, seconds: int) -> CallUuid:
    """A call of the subaccount that was answered and is over."""
    call = a_call(account=SUB, hangup=HANGUP).model_copy(update={"rate": RATE})
    uuid = await dialled(parts.bus, call)
    await parts.bus.live.answered(uuid)
    live = await parts.bus.live.get(uuid)
    assert live is not None
    assert live.answered_at is not None
    at = live.answered_at + timedelta(seconds=seconds)
    await parts.bus.live.end(uuid, EndFacts(cause_code=4000, source="Callee", at=at))
    return uuid


async def applied(parts: Parts) -> None:
    async with running(parts.applier().run()):
        await until(parts.all_applied)


async def credits_left(parts: Parts) -> Decimal:
    async with parts.db.reading() as tx:
        found = await AccountRepository(tx).get(MAIN)
    assert found is not None
    return found.cash_credits


async def test_a_call_is_debited_recorded_and_told_with_the_same_amount(
    parts: Parts,
) -> None:
    await talked(parts, 61)

    await applied(parts)

    (record,) = await parts.records()
    assert (record.bill_duration, record.pulse_s) == (61, 6)
    assert (record.rate, record.amount) == (Decimal("0.5"), Decimal("0.55"))
    (told,) = await parts.outbox()
    assert (told.params["BillRate"], told.params["TotalCost"]) == ("0.50000", "0.55000")
    assert told.params["BillDuration"] == "61"
    assert await credits_left(parts) == Decimal("0.45")


async def test_an_event_that_is_applied_twice_debits_once(parts: Parts) -> None:
    await talked(parts, 6)
    [event] = [it for it in await parts.bus.events.read("test") if it.kind == "ended"]
    applier = parts.applier()

    await applier.settle(event)
    await applier.settle(event)

    assert await credits_left(parts) == Decimal("0.95")


async def test_two_ledgers_that_apply_the_same_event_at_once_debit_once(
    parts: Parts,
) -> None:
    await talked(parts, 6)
    [event] = [it for it in await parts.bus.events.read("test") if it.kind == "ended"]

    async def settle(event: Event) -> None:
        await parts.applier().settle(event)

    await asyncio.gather(settle(event), settle(event), settle(event))

    assert await credits_left(parts) == Decimal("0.95")
    assert len(await parts.records()) == 1


async def test_the_last_credit_spent_closes_the_account_and_its_subaccounts(
    parts: Parts,
) -> None:
    await talked(parts, 60)
    await applied(parts)
    before = await parts.bus.directory.account(SUB)

    await talked(parts, 60)
    await applied(parts)

    assert before is not None
    assert before.can_pay
    for auth_id in (MAIN, SUB):
        entry = await parts.bus.directory.account(auth_id)
        assert entry is not None
        assert not entry.can_pay


async def test_a_call_that_was_never_answered_costs_nothing(parts: Parts) -> None:
    call = a_call().model_copy(update={"rate": RATE})
    uuid = await dialled(parts.bus, call)
    await parts.bus.live.end(uuid, NORMAL.model_copy(update={"at": utc_now()}))

    await applied(parts)

    assert await credits_left(parts) == Decimal(1)
