import asyncio

import pytest

from tests.bus.calls import (
    NODE,
    NORMAL,
    WORKER,
    WORKER_2,
    a_call,
    assigned,
    dialled,
    enqueued,
    jobs,
    kinds,
)
from voiceplat.bus.bus import Bus
from voiceplat.bus.reaping import Reaped, reap_node, reap_worker
from voiceplat.calls.status import Direction
from voiceplat.core.ids import CallUuid

pytestmark = pytest.mark.redis


async def ends(bus: Bus) -> list[tuple[CallUuid, int]]:
    events = await bus.events.read("test")
    return [
        (event.call_uuid, event.ended().end.cause_code)
        for event in events
        if event.kind == "ended"
    ]


async def test_a_job_that_its_dead_worker_had_not_begun_is_dialled_once_elsewhere(
    bus: Bus,
) -> None:
    uuid = await assigned(bus, a_call(), worker=WORKER)
    behind = await enqueued(bus, a_call())

    reaped = await reap_worker(bus, WORKER)

    await bus.slots.announce(WORKER_2, free=1, busy=0)
    await bus.queue.dispatch()
    assert reaped == Reaped(requeued=(uuid,))
    assert await jobs(bus, WORKER_2, 1) == [uuid]
    assert await bus.queue.begin(uuid, worker=WORKER_2)
    assert not await bus.queue.begin(uuid, worker=WORKER)
    assert await bus.live.held_by(WORKER) == []
    assert await ends(bus) == []
    assert not await bus.queue.begin(behind[0])


async def test_a_begun_call_of_a_dead_worker_ends_once_with_5010(bus: Bus) -> None:
    uuid = await dialled(bus, a_call())

    reaped = await reap_worker(bus, WORKER)
    again = await reap_worker(bus, WORKER)

    assert reaped == Reaped(ended=(uuid,))
    assert again == Reaped()
    assert await ends(bus) == [(uuid, 5010)]
    assert not await bus.live.end(uuid, NORMAL)


async def test_an_inbound_call_of_a_dead_worker_ends_with_5010(bus: Bus) -> None:
    call = a_call(direction=Direction.INBOUND)
    await bus.live.open_at(call, WORKER, NODE)

    await reap_worker(bus, WORKER)

    assert await ends(bus) == [(call.uuid, 5010)]


async def test_a_dead_worker_gets_no_more_calls(bus: Bus) -> None:
    await bus.slots.announce(WORKER, free=3, busy=0)

    await reap_worker(bus, WORKER)

    assert await bus.slots.count() == 0


async def test_many_who_reap_a_worker_at_once_do_it_once(bus: Bus) -> None:
    begun = [await dialled(bus, a_call()) for _ in range(3)]
    waiting = [await assigned(bus, a_call()) for _ in range(3)]

    await asyncio.gather(*(reap_worker(bus, WORKER) for _ in range(10)))

    assert sorted(await ends(bus)) == sorted((uuid, 5010) for uuid in begun)
    assert [await bus.queue.cancel(uuid, NORMAL) for uuid in waiting] == [True] * 3


async def test_a_call_that_went_elsewhere_meanwhile_is_left_alone(bus: Bus) -> None:
    uuid = await assigned(bus, a_call(), worker=WORKER)
    await bus.queue.requeue(uuid)
    await bus.slots.withdraw(WORKER)
    await bus.slots.announce(WORKER_2, free=1, busy=0)
    await bus.queue.dispatch()
    await bus.queue.begin(uuid, worker=WORKER_2)

    requeued = await bus.queue.requeue(uuid, held_by=WORKER)
    ended = await bus.live.end(uuid, NORMAL, held_by=WORKER)

    assert (requeued, ended) == (False, False)
    assert await bus.live.held_by(WORKER_2) == [uuid]


async def test_a_dead_node_loses_all_its_workers_calls(bus: Bus) -> None:
    await bus.nodes.beat(NODE)
    for worker in (WORKER, WORKER_2):
        await bus.nodes.add_worker(NODE, worker)
    begun = [
        await dialled(bus, a_call(), worker=WORKER),
        await dialled(bus, a_call(), worker=WORKER_2),
    ]

    reaped = await reap_node(bus, NODE)

    assert sorted(reaped.ended) == sorted(begun)
    assert await bus.nodes.alive() == []
    assert [kind for kind, _ in await kinds(bus)].count("ended") == 2
