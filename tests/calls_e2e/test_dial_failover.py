"""The next trunk takes a callee of a Dial when a carrier cannot, and only then."""

import asyncio

import pytest

from tests.calls_e2e.conftest import CARRIER, PACED_CARRIER, PACED_PREFIX, World
from tests.calls_e2e.test_dial import dialled, each_hears_the_other, forwarded

pytestmark = [pytest.mark.edge, pytest.mark.sip]

NUMBER = f"+{PACED_PREFIX}123456789"
"""The longer prefix is tried first: the paced carrier, then the other one."""


async def test_a_carrier_that_is_out_of_service_is_replaced_by_the_next(
    world: World,
) -> None:
    await forwarded(world, f"><Number>{NUMBER}</Number>")
    first = await world.carrier_in_service(PACED_CARRIER)
    second = await world.carrier_in_service(CARRIER)
    caller = await dialled(world, second)

    await (await first.next_call()).refuse(503)
    callee = await second.next_call()
    await callee.answer()
    await caller.until_answered()
    await each_hears_the_other(world.folder, caller, callee)
    await callee.hang_up()
    await caller.until_ended()

    assert callee.invite is not None
    assert callee.invite.request_user == NUMBER
    (result,) = await world.customer.asked_for("/dialled")
    assert result.fields["DialStatus"] == "completed"


async def test_a_callee_that_is_busy_is_busy_whatever_other_trunk_there_is(
    world: World,
) -> None:
    await forwarded(world, f"><Number>{NUMBER}</Number>")
    first = await world.carrier_in_service(PACED_CARRIER)
    second = await world.carrier_in_service(CARRIER)
    caller = await dialled(world, second)
    another = asyncio.create_task(second.next_call())

    await (await first.next_call()).refuse(486)
    await caller.until_ended()

    (result,) = await world.customer.asked_for("/dialled")
    assert result.fields["DialStatus"] == "busy"
    assert not another.done()
    another.cancel()
