"""An order that is repeated because its answer was lost gets the same uuids."""

import asyncio
from datetime import timedelta

import pytest

from tests.bus.calls import MAIN, OTHER
from voiceplat.bus.bus import Bus
from voiceplat.bus.orders import Order, Orders
from voiceplat.core.ids import AuthId, CallUuid, new_api_id, new_call_uuid

pytestmark = [pytest.mark.redis, pytest.mark.real_time]

SENT = {"from": "1", "to": "2", "answer_url": "https://app.example"}


def an_order(account: AuthId = MAIN, window_s: float = 30, **sent: object) -> Order:
    return Order(
        account=account,
        sent=SENT | sent,
        owner=new_api_id(),
        window=timedelta(seconds=window_s),
    )


def uuids(count: int = 1) -> list[CallUuid]:
    return [new_call_uuid() for _ in range(count)]


async def test_an_order_whose_answer_was_lost_keeps_its_uuids(bus: Bus) -> None:
    first, own = an_order(), uuids(2)
    await bus.orders.claim(first, own)
    await bus.orders.settle(first, answered=False)

    assert await bus.orders.claim(an_order(), uuids(2)) == own


async def test_an_order_that_was_answered_is_followed_by_a_new_one(bus: Bus) -> None:
    first = an_order()
    await bus.orders.claim(first, uuids())
    await bus.orders.settle(first, answered=True)

    own = uuids()

    assert await bus.orders.claim(an_order(), own) == own


@pytest.mark.parametrize(
    "other", [an_order(to="3"), an_order(OTHER), an_order(caller_name="x")]
)
async def test_another_order_is_another_one(bus: Bus, other: Order) -> None:
    first = an_order()
    await bus.orders.claim(first, uuids())
    await bus.orders.settle(first, answered=False)

    own = uuids()

    assert await bus.orders.claim(other, own) == own


async def test_the_order_of_fields_makes_no_difference(bus: Bus) -> None:
    first, own = an_order(), uuids()
    await bus.orders.claim(first, own)
    await bus.orders.settle(first, answered=False)

    turned = Order(MAIN, dict(reversed(SENT.items())), new_api_id(), first.window)

    assert await bus.orders.claim(turned, uuids()) == own


async def test_an_order_waits_for_its_twin_and_is_a_second_one_if_that_is_answered(
    bus: Bus,
) -> None:
    first, own = an_order(), uuids()
    await bus.orders.claim(first, uuids())
    second = asyncio.create_task(bus.orders.claim(an_order(), own))
    await asyncio.sleep(0.1)

    waited = not second.done()
    await bus.orders.settle(first, answered=True)

    assert waited
    assert await second == own


async def test_an_order_waits_for_its_twin_and_is_the_same_if_that_is_lost(
    bus: Bus,
) -> None:
    first, own = an_order(), uuids()
    await bus.orders.claim(first, own)
    second = asyncio.create_task(bus.orders.claim(an_order(), uuids()))
    await asyncio.sleep(0.1)

    await bus.orders.settle(first, answered=False)

    assert await second == own


async def test_whoever_died_over_an_order_is_followed_by_its_repetition(
    bus: Bus,
) -> None:
    orders, own = Orders(bus._wire, dead_after_s=0.2), uuids()
    await orders.claim(an_order(), own)

    assert await orders.claim(an_order(), uuids()) == own


async def test_who_lost_an_order_to_its_repetition_settles_nothing(bus: Bus) -> None:
    orders, first, own = Orders(bus._wire, dead_after_s=0.05), an_order(), uuids()
    await orders.claim(first, own)
    await orders.claim(an_order(), uuids())

    await orders.settle(first, answered=True)

    assert await orders.claim(an_order(), uuids()) == own


async def test_a_lost_order_is_forgotten_after_a_while(bus: Bus) -> None:
    first, own = an_order(window_s=0.05), uuids()
    await bus.orders.claim(first, uuids())
    await bus.orders.settle(first, answered=False)

    async with asyncio.timeout(20):
        while await bus._wire.ask("EXISTS", first.key):  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    assert await bus.orders.claim(an_order(), own) == own
