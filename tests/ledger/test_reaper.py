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
    jobs,
)
from tests.ledger.parts import running, until
from tests.servers.redis import RedisServer
from voiceplat.bus import keys
from voiceplat.bus.bus import Bus
from voiceplat.calls.trouble import NoTroubles
from voiceplat.core.ids import CallUuid, NodeId
from voiceplat.core.settings import MediaSettings
from voiceplat.ledger.reaper import Reaper

pytestmark = [pytest.mark.redis, pytest.mark.fault]

TIMEOUT_S = 0.6
SETTINGS = MediaSettings(heartbeat_timeout_ms=int(TIMEOUT_S * 1000))
OTHER_NODE = NodeId("host-2")


async def beating(bus: Bus, node: NodeId) -> None:
    while True:
        await bus.nodes.beat(node)
        await asyncio.sleep(TIMEOUT_S / 5)


async def is_over(bus: Bus, uuid: CallUuid) -> bool:
    return await bus.live.get(uuid) is None


async def node_with_calls(bus: Bus, node: NodeId) -> tuple[CallUuid, CallUuid]:
    """One call that was dialled and one that was not."""
    worker = WORKER if node == NODE else WORKER_2
    await bus.nodes.beat(node)
    await bus.nodes.add_worker(node, worker)
    return (
        await dialled(bus, a_call(), worker=worker),
        await assigned(bus, a_call(), worker=worker),
    )


def silent_for(redis: RedisServer, node: NodeId, seconds: float) -> None:
    with redis.client() as client:
        now_s, us = client.time()
        beat_ms = int((now_s + us / 1e6 - seconds) * 1000)
        client.zadd(keys.NODES, {node: beat_ms})


async def test_a_node_is_dead_after_the_timeout_and_not_before(
    bus: Bus, redis: RedisServer
) -> None:
    minute = MediaSettings(heartbeat_timeout_ms=60_000)
    seconds = 0.0
    reaper = Reaper(bus, minute, NoTroubles(), now=lambda: seconds)
    begun, _ = await node_with_calls(bus, NODE)

    over = []
    for silence in (0, 29, 31, 59, 62):
        seconds = float(silence)
        silent_for(redis, NODE, silence)
        await reaper.look()
        over.append(await is_over(bus, begun))

    assert over == [False, False, False, False, True]


async def nobody_is_left(bus: Bus) -> bool:
    return not await bus.nodes.alive()


async def test_a_dead_node_s_begun_calls_end_and_its_jobs_wait(bus: Bus) -> None:
    begun, waiting = await node_with_calls(bus, NODE)

    async with running(Reaper(bus, SETTINGS, NoTroubles()).run()):
        await until(lambda: nobody_is_left(bus))

    (ended,) = [e.ended() for e in await bus.events.read("x") if e.kind == "ended"]
    assert (ended.call.uuid, ended.end.cause_code) == (begun, 5010)
    assert not await is_over(bus, waiting)
    assert await bus.nodes.alive() == []


async def test_a_dead_node_s_job_is_dialled_by_another(bus: Bus) -> None:
    _, waiting = await node_with_calls(bus, NODE)
    async with running(Reaper(bus, SETTINGS, NoTroubles()).run()):
        await until(lambda: nobody_is_left(bus))

    await bus.slots.announce(WORKER_2, free=1, busy=0)
    await bus.queue.dispatch()

    assert await jobs(bus, WORKER_2, 1) == [waiting]
    assert await bus.queue.begin(waiting)


async def test_a_node_that_beats_keeps_its_calls(bus: Bus) -> None:
    alive, _ = await node_with_calls(bus, OTHER_NODE)
    dead, _ = await node_with_calls(bus, NODE)

    async with (
        running(beating(bus, OTHER_NODE)),
        running(Reaper(bus, SETTINGS, NoTroubles()).run()),
    ):
        await until(lambda: is_over(bus, dead))
        await asyncio.sleep(TIMEOUT_S)

    assert not await is_over(bus, alive)
    assert await bus.nodes.alive() == [OTHER_NODE]


async def test_two_ledgers_close_a_call_once(bus: Bus) -> None:
    begun, _ = await node_with_calls(bus, NODE)

    async with (
        running(Reaper(bus, SETTINGS, NoTroubles()).run()),
        running(Reaper(bus, SETTINGS, NoTroubles()).run()),
    ):
        await until(lambda: is_over(bus, begun))
        await asyncio.sleep(TIMEOUT_S / 4)

    kinds = [e.kind for e in await bus.events.read("x")]
    assert kinds.count("ended") == 1


async def test_a_long_outage_of_redis_ends_no_live_call(
    bus: Bus, redis: RedisServer
) -> None:
    begun, _ = await node_with_calls(bus, NODE)

    async with running(Reaper(bus, SETTINGS, NoTroubles()).run()):
        await asyncio.sleep(TIMEOUT_S / 4)
        await asyncio.to_thread(redis.kill)
        await asyncio.sleep(TIMEOUT_S * 2)
        await asyncio.to_thread(redis.start)
        async with running(beating(bus, NODE)):
            await asyncio.sleep(TIMEOUT_S * 2)

            assert await bus.live.end(begun, NORMAL)


async def test_a_ledger_that_just_started_gives_nodes_time_to_beat(bus: Bus) -> None:
    begun, _ = await node_with_calls(bus, NODE)
    await asyncio.sleep(TIMEOUT_S * 1.5)  # nobody watched, nobody could beat

    async with running(Reaper(bus, SETTINGS, NoTroubles()).run()):
        await asyncio.sleep(TIMEOUT_S / 4)
        async with running(beating(bus, NODE)):
            await asyncio.sleep(TIMEOUT_S)

            assert not await is_over(bus, begun)
