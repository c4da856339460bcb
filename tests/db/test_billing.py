"""Credits: added by operators, spent by calls, exact to the last place."""

from decimal import Decimal

import pytest

from tests.db.conftest import MAIN, OTHER, SUB
from voiceplat.core.errors import BadRequest, NotFound
from voiceplat.core.ids import AuthId
from voiceplat.core.money import BillingMode
from voiceplat.db.engine import Database
from voiceplat.db.models import Account
from voiceplat.db.repositories import AccountRepository
from voiceplat.services.bill_account import add_credit, debit, set_billing

pytestmark = pytest.mark.real_time


async def account(db: Database, auth_id: AuthId = MAIN) -> Account:
    async with db.reading() as tx:
        found = await AccountRepository(tx).get(auth_id)
    assert found is not None
    return found


async def take(db: Database, cost: str, *, first: bool = True) -> set[str]:
    """Whom the directory must be told of."""
    async with db.transaction() as tx:
        changes = await debit(tx, MAIN, Decimal(cost), first=first)
    return {change.name for change in changes}


async def give(db: Database, amount: str) -> None:
    async with db.transaction() as tx:
        await add_credit(tx, MAIN, Decimal(amount))


async def test_a_thousand_calls_leave_not_a_trace_of_rounding(db: Database) -> None:
    await give(db, "100")

    async with db.transaction() as tx:
        for _ in range(1000):
            await debit(tx, MAIN, Decimal("0.00001"), first=True)

    assert (await account(db)).cash_credits == Decimal("99.99000")
    assert (await account(db, OTHER)).cash_credits == 0


async def test_a_postpaid_account_may_owe(db: Database) -> None:
    assert await take(db, "3") == set()

    found = await account(db)
    assert found.cash_credits == Decimal(-3)
    assert found.can_pay


async def test_a_prepaid_account_may_begin_nothing_with_its_last_credit_spent(
    db: Database,
) -> None:
    async with db.transaction() as tx:
        await set_billing(tx, MAIN, BillingMode.PREPAID)
    await give(db, "1")

    assert await take(db, "0.9") == set()
    assert (await account(db)).can_pay
    assert await take(db, "0.1") == {MAIN, SUB}

    assert not (await account(db)).can_pay


async def test_a_call_that_is_told_again_costs_nothing_more_but_is_told_on(
    db: Database,
) -> None:
    async with db.transaction() as tx:
        await set_billing(tx, MAIN, BillingMode.PREPAID)
    await take(db, "2")

    assert await take(db, "2", first=False) == {MAIN, SUB}

    assert (await account(db)).cash_credits == Decimal(-2)


async def test_a_free_call_is_not_even_looked_at(db: Database) -> None:
    assert await take(db, "0") == set()


async def test_a_credit_is_told_to_the_whole_family(db: Database) -> None:
    async with db.transaction() as tx:
        found, changes = await add_credit(tx, MAIN, Decimal("2.5"))

    assert found.cash_credits == Decimal("2.5")
    assert {change.name for change in changes} == {MAIN, SUB}


async def test_only_main_accounts_have_credits(db: Database) -> None:
    async with db.transaction() as tx:
        with pytest.raises(BadRequest, match="is a subaccount"):
            await add_credit(tx, SUB, Decimal(1))
        with pytest.raises(NotFound, match="MA1 not found"):
            await set_billing(tx, "MA1", BillingMode.PREPAID)
