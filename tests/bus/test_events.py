import asyncio

import pytest
from pydantic import ValidationError

from tests.bus.calls import MAIN, NORMAL, a_call, dialled, enqueued
from tests.servers.redis import RedisServer
from voiceplat.bus import keys
from voiceplat.bus.bus import Bus
from voiceplat.bus.events import Callback, Event
from voiceplat.calls.call import Hook
from voiceplat.calls.status import CallStatus
from voiceplat.core.ids import CallUuid

pytestmark = pytest.mark.redis

TOLD = Callback(account=MAIN, hook=Hook(url="http://c/"), params={"a": "1"})


async def one(bus: Bus) -> Event:
    (event,) = await bus.events.read("one")
    return event


async def test_an_event_says_what_happened_to_which_call(bus: Bus) -> None:
    call = a_call()
    await enqueued(bus, call)

    event = await one(bus)

    assert (event.kind, event.call_uuid, event.seq) == ("initiated", call.uuid, 1)
    assert event.live().call == call
    assert event.live().status is CallStatus.QUEUED


async def test_a_reader_waits_for_the_first_event(bus: Bus) -> None:
    reading = asyncio.create_task(bus.events.read("one"))
    await asyncio.sleep(0.05)

    await enqueued(bus, a_call())
    async with asyncio.timeout(20):
        events = await reading

    assert len(events) == 1


async def test_an_acknowledged_event_leaves_the_stream(bus: Bus) -> None:
    await enqueued(bus, a_call(), a_call())
    first, second = await bus.events.read("one")

    await bus.events.ack([first.id])

    assert await bus.events.waiting() == 1
    assert await bus.events.read("one") == [second]


async def test_acknowledging_twice_or_nothing_does_no_harm(bus: Bus) -> None:
    await enqueued(bus, a_call())
    event = await one(bus)

    for ids in ([event.id], [event.id], []):
        await bus.events.ack(ids)

    assert await bus.events.waiting() == 0


async def test_events_that_nobody_acknowledged_stay_for_ever(bus: Bus) -> None:
    await enqueued(bus, *(a_call() for _ in range(250)))

    for _ in range(3):
        await bus.events.read("one")

    assert await bus.events.waiting() == 250


async def test_what_a_dead_reader_left_is_read_by_the_next(bus: Bus) -> None:
    await enqueued(bus, a_call())
    left = await bus.events.read("dead")

    assert await bus.events.read("next") == left


async def test_what_was_left_comes_before_what_is_new(bus: Bus) -> None:
    await enqueued(bus, a_call())
    (left,) = await bus.events.read("dead")
    await enqueued(bus, a_call())

    first = await bus.events.read("next")
    await bus.events.ack([left.id])
    second = await bus.events.read("next")

    assert first == [left]
    assert len(second) == 1
    assert second != first


async def test_a_callback_is_one_of_its_call_s_events(bus: Bus) -> None:
    (uuid,) = await enqueued(bus, a_call())

    await bus.events.notify(uuid, TOLD)

    event = (await bus.events.read("one"))[1]
    assert (event.kind, event.call_uuid, event.seq) == ("callback", uuid, 2)
    assert event.callback() == TOLD


async def test_a_callback_after_the_end_has_no_number(bus: Bus) -> None:
    uuid = await dialled(bus, a_call())
    await bus.live.end(uuid, NORMAL)

    await bus.events.notify(uuid, TOLD)

    assert (await bus.events.read("one"))[-1].seq == 0
    assert await bus.live.get(uuid) is None


async def test_a_parked_event_is_kept_apart_with_the_reason(
    bus: Bus, redis: RedisServer
) -> None:
    await enqueued(bus, a_call())
    event = await one(bus)

    await bus.events.park(event, "makes no sense")

    with redis.client() as client:
        ((_, fields),) = client.xrange(keys.PARKED_EVENTS)
    assert await bus.events.waiting() == 0
    assert await bus.events.parked() == 1
    assert fields["why"] == "makes no sense"
    assert fields["id"] == event.id
    assert fields["data"] == event.data


async def test_parking_twice_keeps_one(bus: Bus) -> None:
    await enqueued(bus, a_call())
    event = await one(bus)

    for _ in range(2):
        await bus.events.park(event, "x")

    assert await bus.events.parked() == 1


async def test_data_of_another_kind_is_refused(bus: Bus) -> None:
    await enqueued(bus, a_call())
    event = await one(bus)

    with pytest.raises(ValidationError):
        event.ended()


async def test_an_emptied_redis_is_read_again_from_its_beginning(
    bus: Bus, redis: RedisServer
) -> None:
    await enqueued(bus, a_call())
    await bus.events.read("one")
    redis.flush()
    (uuid,) = await enqueued(bus, a_call())

    event = await one(bus)

    assert event.call_uuid == CallUuid(uuid)
