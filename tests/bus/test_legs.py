"""Which workers have legs free for the calls of others, and who is asked for one."""

import asyncio
from contextlib import aclosing

import pytest

from tests.bus.calls import WORKER, WORKER_2, a_call, assigned
from tests.servers.redis import RedisServer
from voiceplat.bus import keys
from voiceplat.bus.bus import Bus
from voiceplat.bus.commands import LegWanted
from voiceplat.calls.leg import Destination
from voiceplat.calls.link import LinkEnd
from voiceplat.core.ids import WorkerAddress

pytestmark = pytest.mark.redis


def wanted(user: str = "15550100") -> LegWanted:
    return LegWanted(
        to=Destination(
            f"sip:{user}@127.0.0.1", "15550199", headers={"X-VP-Call": "uuid"}
        ),
        link=LinkEnd("127.0.0.1", 20000, 4711),
        host="127.0.0.1",
        port=20001,
        password="a password",
    )


async def offer(bus: Bus, worker: WorkerAddress, legs: int) -> None:
    await bus.slots.announce(worker, free=min(legs, 3), busy=0, legs=legs)


async def test_who_has_most_legs_free_is_asked_and_gets_the_whole_message(
    bus: Bus,
) -> None:
    await offer(bus, WORKER, 2)
    await offer(bus, WORKER_2, 3)

    asked = await bus.legs.borrow(wanted(), not_from=())

    assert asked == WORKER_2
    async with asyncio.timeout(20), aclosing(bus.commands.inbox(WORKER_2)) as inbox:
        assert await anext(inbox) == wanted()


async def test_a_borrowed_leg_is_not_lent_twice(bus: Bus) -> None:
    await offer(bus, WORKER, 2)

    asked = [await bus.legs.borrow(wanted(), not_from=()) for _ in range(3)]

    assert asked == [WORKER, WORKER, None]


async def test_a_worker_is_not_asked_by_itself_nor_again(bus: Bus) -> None:
    await offer(bus, WORKER, 2)
    await offer(bus, WORKER_2, 1)

    assert await bus.legs.borrow(wanted(), not_from={WORKER}) == WORKER_2
    assert await bus.legs.borrow(wanted(), not_from={WORKER, WORKER_2}) is None


async def test_borrowing_leaves_the_slots_alone(bus: Bus) -> None:
    await offer(bus, WORKER, 4)

    await bus.legs.borrow(wanted(), not_from=())

    assert await bus.slots.count() == 3


async def test_a_leg_that_was_not_used_is_on_offer_again_when_its_worker_speaks(
    bus: Bus,
) -> None:
    await offer(bus, WORKER, 1)
    await bus.legs.borrow(wanted(), not_from=())

    await offer(bus, WORKER, 1)

    assert await bus.legs.free(WORKER) == 1


async def test_a_job_on_its_way_needs_a_leg(bus: Bus) -> None:
    await assigned(bus, a_call())

    await bus.slots.announce(WORKER, free=3, busy=0, legs=4)

    assert await bus.legs.free(WORKER) == 3


async def test_a_worker_that_withdraws_lends_nothing(bus: Bus) -> None:
    await offer(bus, WORKER, 4)

    await bus.slots.withdraw(WORKER)

    assert await bus.legs.borrow(wanted(), not_from=()) is None


async def test_a_message_that_was_not_taken_is_taken_back(
    bus: Bus, redis: RedisServer
) -> None:
    await offer(bus, WORKER, 4)
    await bus.legs.borrow(wanted("1"), not_from=())
    await bus.legs.borrow(wanted("2"), not_from=())

    await bus.legs.take_back(wanted("1"), WORKER)

    with redis.client() as client:
        (left,) = client.lrange(keys.inbox(WORKER), 0, -1)
    assert LegWanted.model_validate_json(left) == wanted("2")
