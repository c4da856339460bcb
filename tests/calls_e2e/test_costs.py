"""What real calls cost, as callbacks, records and the account say it: the same."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.calls_e2e.conftest import NUMBER, World
from tests.calls_e2e.test_dial import FAR_NUMBER, dialled, forwarded

pytestmark = [pytest.mark.edge, pytest.mark.sip]

TABLE = f"""\
prefix,outbound_per_minute,inbound_per_minute,pulse_s
{NUMBER[:4]},0.7,0.012,3600
33,0.06,0.9,3600
"""
INBOUND, OUTBOUND = "0.01200", "0.06000"
A_COSTS, B_COSTS = "0.72000", "3.60000"
"""An hour: the pulse is so long that no call of a slow machine takes two."""
NOTHING = "prefix,outbound_per_minute\n"


@pytest.fixture
def priced(world: World, tmp_path: Path) -> Iterator[World]:
    """With a rate table, which is taken away after the test."""
    table = tmp_path / "rates.csv"
    table.write_text(TABLE)
    world.platform.operate("pricing", "load", str(table))
    yield world
    table.write_text(NOTHING)
    world.platform.operate("pricing", "load", str(table))


async def credits_of(world: World) -> Decimal:
    account = await world.sdk(world.client.account.get)
    return Decimal(account.cash_credits)


async def test_both_legs_of_a_forwarded_call_are_paid_for_once_each(
    priced: World,
) -> None:
    world = priced
    before = await credits_of(world)
    await forwarded(world, f"><Number>{FAR_NUMBER}</Number>")
    carrier = await world.carrier_in_service()
    caller = await dialled(world, carrier)
    callee = await carrier.next_call()
    await callee.answer()
    await caller.until_answered()
    await callee.hang_up()
    await caller.until_ended()

    begun = await world.customer.event("StartApp")
    over = await world.customer.event("Hangup")
    (result,) = await world.customer.asked_for("/dialled")
    a_leg = await world.cdr(result.fields["CallUUID"])
    b_leg = await world.cdr(result.fields["DialBLegUUID"])

    assert begun.fields["BillRate"] == over.fields["BillRate"] == INBOUND
    assert over.fields["TotalCost"] == A_COSTS
    events = await world.customer.asked_for("/events", times=3)
    assert {it.fields["DialBLegBillRate"] for it in events} == {OUTBOUND}
    assert events[-1].fields["DialBLegTotalCost"] == B_COSTS
    assert (a_leg.total_rate, a_leg.total_amount) == (INBOUND, A_COSTS)
    assert (b_leg.total_rate, b_leg.total_amount) == (OUTBOUND, B_COSTS)
    assert a_leg.billed_duration == b_leg.billed_duration == 3600
    assert await credits_of(world) == before - Decimal(A_COSTS) - Decimal(B_COSTS)
