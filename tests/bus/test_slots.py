import pytest

from tests.bus.calls import (
    CANCELLED,
    WORKER,
    WORKER_2,
    a_call,
    assigned,
    dialled,
    enqueued,
    jobs,
)
from tests.servers.redis import RedisServer
from voiceplat.bus import keys
from voiceplat.bus.bus import Bus

pytestmark = pytest.mark.redis


def slots(redis: RedisServer) -> list[str]:
    """In the order in which they are taken."""
    with redis.client() as client:
        return [str(slot) for slot in client.zrange(keys.SLOTS, 0, -1)]


async def test_a_worker_offers_one_slot_per_call_it_can_take(
    bus: Bus, redis: RedisServer
) -> None:
    offered = await bus.slots.announce(WORKER, free=2, busy=0)

    assert offered == 2
    assert slots(redis) == [f"{WORKER}#0", f"{WORKER}#1"]


async def test_announcing_again_changes_nothing(bus: Bus, redis: RedisServer) -> None:
    for _ in range(3):
        await bus.slots.announce(WORKER, free=2, busy=0)

    assert slots(redis) == [f"{WORKER}#0", f"{WORKER}#1"]


async def test_announcing_fewer_takes_the_others_back(
    bus: Bus, redis: RedisServer
) -> None:
    await bus.slots.announce(WORKER, free=4, busy=0)

    await bus.slots.announce(WORKER, free=1, busy=3)

    assert slots(redis) == [f"{WORKER}#0"]


async def test_a_slot_that_was_taken_in_vain_comes_back(
    bus: Bus, redis: RedisServer
) -> None:
    await bus.slots.announce(WORKER, free=2, busy=0)
    with redis.client() as client:
        client.zpopmin(keys.SLOTS)

    await bus.slots.announce(WORKER, free=2, busy=0)

    assert slots(redis) == [f"{WORKER}#0", f"{WORKER}#1"]


async def test_the_busier_worker_is_filled_first(bus: Bus, redis: RedisServer) -> None:
    await bus.slots.announce(WORKER, free=3, busy=0)
    await bus.slots.announce(WORKER_2, free=1, busy=2)

    assert slots(redis)[0] == f"{WORKER_2}#0"


async def test_idle_workers_are_filled_one_after_the_other(
    bus: Bus, redis: RedisServer
) -> None:
    await bus.slots.announce(WORKER_2, free=2, busy=0)
    await bus.slots.announce(WORKER, free=2, busy=0)

    assert [slot.partition("#")[0] for slot in slots(redis)] == [
        *(WORKER, WORKER),
        *(WORKER_2, WORKER_2),
    ]


async def test_a_worker_withdraws_all_its_slots_and_no_others(
    bus: Bus, redis: RedisServer
) -> None:
    await bus.slots.announce(WORKER, free=3, busy=0)
    await bus.slots.announce(WORKER, free=1, busy=2)
    await bus.slots.announce(WORKER_2, free=1, busy=0)

    await bus.slots.withdraw(WORKER)
    await bus.slots.withdraw(WORKER)

    assert slots(redis) == [f"{WORKER_2}#0"]


async def test_a_job_on_its_way_is_not_offered_again(bus: Bus) -> None:
    await assigned(bus, a_call())

    offered = await bus.slots.announce(WORKER, free=1, busy=0)

    assert offered == 0
    assert await bus.slots.count() == 0


async def test_a_job_that_was_taken_out_of_the_inbox_is_the_worker_s_to_count(
    bus: Bus,
) -> None:
    await assigned(bus, a_call())
    await jobs(bus, WORKER, 1)

    assert await bus.slots.announce(WORKER, free=2, busy=1) == 2


async def test_a_cancelled_job_takes_no_slot(bus: Bus) -> None:
    uuid = await assigned(bus, a_call())
    await bus.queue.cancel(uuid, CANCELLED)

    assert await bus.slots.announce(WORKER, free=1, busy=0) == 1


async def test_a_begun_call_takes_the_slot_that_its_worker_no_longer_offers(
    bus: Bus,
) -> None:
    await dialled(bus, a_call())

    assert await bus.slots.announce(WORKER, free=2, busy=1) == 2


async def test_a_call_needs_a_slot(bus: Bus) -> None:
    await bus.slots.announce(WORKER, free=1, busy=0)
    await bus.slots.withdraw(WORKER)
    (uuid,) = await enqueued(bus, a_call())

    await bus.queue.dispatch()

    assert await bus.live.held_by(WORKER) == []
    assert not await bus.queue.begin(uuid)
