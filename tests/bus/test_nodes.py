import asyncio
from contextlib import aclosing
from datetime import timedelta

import pytest

from tests.bus.calls import NODE, WORKER, WORKER_2
from voiceplat.bus.bus import Bus
from voiceplat.core.ids import NodeId

pytestmark = pytest.mark.redis

MOMENT = timedelta(milliseconds=20)
NODE_2 = NodeId("host-2")


async def test_a_node_that_beats_is_alive(bus: Bus) -> None:
    await bus.nodes.beat(NODE)

    assert await bus.nodes.dead(timedelta(minutes=1)) == []
    assert await bus.nodes.alive() == [NODE]


async def test_a_silent_node_is_dead(bus: Bus) -> None:
    await bus.nodes.beat(NODE)
    await asyncio.sleep(0.05)
    await bus.nodes.beat(NODE_2)

    assert await bus.nodes.dead(MOMENT) == [NODE]


async def test_a_node_hears_whether_the_bus_knew_it(bus: Bus) -> None:
    first = await bus.nodes.beat(NODE)
    second = await bus.nodes.beat(NODE)
    await bus.nodes.remove(NODE)
    third = await bus.nodes.beat(NODE)

    assert (first, second, third) == (False, True, False)


async def test_a_node_has_the_workers_it_added(bus: Bus) -> None:
    for worker in (WORKER, WORKER_2, WORKER):
        await bus.nodes.add_worker(NODE, worker)
    await bus.nodes.remove_worker(NODE, WORKER_2)

    assert await bus.nodes.workers(NODE) == [WORKER]


async def test_a_removed_node_leaves_nothing(bus: Bus) -> None:
    await bus.nodes.beat(NODE)
    await bus.nodes.add_worker(NODE, WORKER)

    await bus.nodes.remove(NODE)

    assert await bus.nodes.alive() == []
    assert await bus.nodes.workers(NODE) == []


async def test_an_address_belongs_to_the_node_that_added_it_last(bus: Bus) -> None:
    for node in (NODE, NODE_2):
        await bus.nodes.beat(node)
        await bus.nodes.add_worker(node, WORKER)

    assert await bus.nodes.workers(NODE) == []
    assert await bus.nodes.workers(NODE_2) == [WORKER]


async def test_whoever_listens_hears_which_worker_was_lost(bus: Bus) -> None:
    async with asyncio.timeout(20), aclosing(bus.nodes.lost()) as lost:
        hearing = asyncio.create_task(anext(lost))
        while not hearing.done():
            await bus.nodes.tell_lost(WORKER)
            await asyncio.sleep(0.01)

        assert await hearing == WORKER
