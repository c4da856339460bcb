"""What the console asks the bus: many things at once, in one round trip."""

from datetime import timedelta

import pytest

from tests.bus.calls import MAIN, NODE, WORKER, WORKER_2, a_call, enqueued
from voiceplat.bus.bus import Bus
from voiceplat.bus.slots import Room
from voiceplat.calls.timeline import ElementRun, StateChange
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import RateLimited

pytestmark = pytest.mark.redis

MINUTE = timedelta(minutes=1)


async def test_a_queue_tells_order_and_pace(bus: Bus) -> None:
    calls = [a_call() for _ in range(3)]
    for call in calls:
        await bus.queue.enqueue(call, 0.5)
    await bus.slots.announce(WORKER, free=1, busy=0)
    await bus.queue.dispatch()

    waiting = await bus.queue.waiting(MAIN)

    first_only = await bus.queue.waiting(MAIN, limit=1)

    assert waiting.uuids == [call.uuid for call in calls[1:]]
    assert first_only.uuids == [calls[1].uuid]
    assert first_only.length == waiting.length == 2
    assert waiting.period == timedelta(seconds=2)
    assert timedelta() < waiting.due - utc_now() <= timedelta(seconds=2)


async def test_an_empty_queue_is_due(bus: Bus) -> None:
    waiting = await bus.queue.waiting(MAIN)

    assert waiting.uuids == []
    assert waiting.due < utc_now()


async def test_workers_tell_their_room(bus: Bus) -> None:
    await bus.slots.announce(WORKER, free=3, busy=0)
    await bus.slots.announce(WORKER, free=1, busy=2)
    await bus.slots.announce(WORKER_2, free=2, busy=0)
    await bus.slots.withdraw(WORKER_2)

    assert await bus.slots.by_worker() == {WORKER: Room(free=1, most=3)}


async def test_nodes_tell_when_they_were_heard(bus: Bus) -> None:
    await bus.nodes.beat(NODE)

    heard = await bus.nodes.heartbeats()

    assert heard.keys() == {NODE}
    assert abs(heard[NODE] - utc_now()) < MINUTE


async def test_several_live_calls_are_read_together(bus: Bus) -> None:
    first, second = a_call(), a_call()
    await enqueued(bus, first)
    await enqueued(bus, second)
    nobody = a_call().uuid

    found = await bus.live.several([second.uuid, nobody, first.uuid])
    later = await bus.live.since(MAIN, first.initiated_at + MINUTE)

    assert [it.call.uuid for it in found] == [second.uuid, first.uuid]
    assert await bus.live.several([]) == []
    assert later == []


async def test_the_last_elements_of_several_calls(bus: Bus) -> None:
    one, other = a_call().uuid, a_call().uuid
    now = utc_now()
    begins = ElementRun(at=now, tag="Play", state="begins", text='"kind":"element"')
    ends = ElementRun(at=now, tag="Play", state="ends")
    talk = StateChange(at=now, state="ringing", detail='"kind":"element"')
    await bus.timelines.add({one: [begins, talk, ends]}, most=10, kept=MINUTE)

    told = await bus.timelines.elements([one, other])

    assert told == {one: [ends, begins], other: []}


async def test_a_session_that_was_ended_stays_ended(bus: Bus) -> None:
    await bus.sessions.end("one", left=MINUTE)

    assert await bus.sessions.was_ended("one")
    assert not await bus.sessions.was_ended("other")


async def test_turns_that_are_forgotten_were_never_taken(bus: Bus) -> None:
    await bus.turns.take("who", allowed=1, window=MINUTE)
    await bus.turns.forget("who")
    await bus.turns.take("who", allowed=1, window=MINUTE)

    with pytest.raises(RateLimited):
        await bus.turns.take("who", allowed=1, window=MINUTE)
