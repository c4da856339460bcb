import asyncio
from datetime import timedelta

import pytest

from tests.bus.calls import (
    CANCELLED,
    MAIN,
    NODE,
    NORMAL,
    OTHER,
    SUB,
    WORKER,
    WORKER_2,
    a_call,
    assigned,
    dialled,
    enqueued,
    jobs,
    kinds,
)
from tests.servers.redis import RedisServer
from voiceplat.bus import keys
from voiceplat.bus.bus import Bus
from voiceplat.calls.call import Call, EndedCall, Hook
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import CallUuid

pytestmark = pytest.mark.redis


async def opened(bus: Bus, call: Call) -> CallUuid:
    await bus.live.open_at(call, WORKER, NODE)
    return call.uuid


async def ended(bus: Bus) -> EndedCall:
    (event,) = [e for e in await bus.events.read("test") if e.kind == "ended"]
    return event.ended()


async def test_an_inbound_call_rings_at_its_worker(bus: Bus) -> None:
    call = a_call(direction=Direction.INBOUND)

    opened_ = await bus.live.open_at(call, WORKER, NODE)

    live = await bus.live.get(call.uuid)
    assert opened_
    assert live is not None
    assert (live.call, live.status, live.worker) == (call, CallStatus.RINGING, WORKER)
    assert await bus.live.held_by(WORKER) == [call.uuid]
    assert await kinds(bus) == [("initiated", 1)]


async def test_opening_a_call_twice_is_once(bus: Bus) -> None:
    call = a_call(direction=Direction.INBOUND)

    answers = [await bus.live.open_at(call, WORKER, NODE) for _ in range(2)]

    assert answers == [True, False]
    assert await kinds(bus) == [("initiated", 1)]


async def test_a_call_s_events_are_numbered_in_order(bus: Bus) -> None:
    uuid = await dialled(bus, a_call())

    await bus.live.ringing(uuid)
    await bus.live.answered(uuid)
    await bus.live.end(uuid, NORMAL)

    assert await kinds(bus) == [
        ("initiated", 1),
        ("ringing", 2),
        ("answered", 3),
        ("ended", 4),
    ]


async def test_ringing_and_answer_are_timed_by_redis(
    bus: Bus, redis: RedisServer
) -> None:
    uuid = await dialled(bus, a_call())

    await bus.live.ringing(uuid)
    await bus.live.answered(uuid)

    live = await bus.live.get(uuid)
    assert live is not None
    assert live.ringing_at is not None
    assert live.answered_at is not None
    assert live.status is CallStatus.IN_PROGRESS
    assert live.ringing_at <= live.answered_at
    assert abs(live.answered_at - utc_now()) < timedelta(seconds=5)


async def test_what_was_told_is_not_told_again(bus: Bus) -> None:
    uuid = await dialled(bus, a_call())

    rang = [await bus.live.ringing(uuid) for _ in range(2)]
    answered = [await bus.live.answered(uuid) for _ in range(2)]

    assert rang == [True, False]
    assert answered == [True, False]
    assert len(await kinds(bus)) == 3


async def test_a_call_that_was_answered_does_not_ring_afterwards(bus: Bus) -> None:
    uuid = await dialled(bus, a_call())
    await bus.live.answered(uuid)

    assert not await bus.live.ringing(uuid)
    live = await bus.live.get(uuid)
    assert live is not None
    assert live.status is CallStatus.IN_PROGRESS


async def test_a_call_that_is_over_tells_nothing_more(bus: Bus) -> None:
    uuid = await dialled(bus, a_call())
    await bus.live.end(uuid, NORMAL)

    assert not await bus.live.ringing(uuid)
    assert not await bus.live.answered(uuid)
    assert await bus.live.get(uuid) is None


async def test_the_terminal_event_holds_the_whole_story(bus: Bus) -> None:
    call = a_call(hangup=Hook(url="http://c/h"), to="sip:ü\"\\'@phone.plivo.com")
    uuid = await dialled(bus, call)
    await bus.live.ringing(uuid)
    await bus.live.answered(uuid)
    live = await bus.live.get(uuid)
    assert live is not None

    await bus.live.end(uuid, NORMAL)

    story = await ended(bus)
    assert story.call == call
    assert story.end == NORMAL
    assert (story.worker, story.status) == (WORKER, CallStatus.IN_PROGRESS)
    assert story.ringing_at == live.ringing_at
    assert story.answered_at == live.answered_at


async def test_a_call_that_never_rang_ends_without_those_times(bus: Bus) -> None:
    (uuid,) = await enqueued(bus, a_call())

    await bus.queue.cancel(uuid, CANCELLED)

    story = await ended(bus)
    assert story.ringing_at is None
    assert story.answered_at is None
    assert story.worker == ""
    assert story.duration_s == 0


async def test_the_end_removes_every_trace(bus: Bus, redis: RedisServer) -> None:
    uuid = await opened(bus, a_call(account=SUB, direction=Direction.INBOUND))
    taken = await dialled(bus, a_call())
    await jobs(bus, WORKER, 1)
    await bus.slots.withdraw(WORKER)
    (waiting,) = await enqueued(bus, a_call())

    for call in (uuid, taken, waiting):
        assert await bus.live.end(call, NORMAL)

    with redis.client() as client:
        left = set(client.keys("*"))
    marks = {keys.over(call) for call in (uuid, taken, waiting)}
    assert left - marks <= {keys.EVENTS, keys.RATES, keys.pace(MAIN)}


async def test_a_call_that_is_over_is_not_opened_again(bus: Bus) -> None:
    outbound, inbound = a_call(), a_call(direction=Direction.INBOUND)
    await enqueued(bus, outbound)
    await opened(bus, inbound)
    for call in (outbound, inbound):
        await bus.live.end(call.uuid, NORMAL)

    queued = await bus.queue.enqueue(outbound, 2.0)
    rings = await bus.live.open_at(inbound, WORKER, NODE)

    assert (queued, rings) == (False, False)
    assert await bus.queue.depth(MAIN) == 0
    assert [kind for kind, _ in await kinds(bus)].count("initiated") == 2


async def test_many_who_end_a_call_at_once_make_one_terminal_event(bus: Bus) -> None:
    uuid = await dialled(bus, a_call())

    answers = await asyncio.gather(*(bus.live.end(uuid, NORMAL) for _ in range(50)))

    assert sorted(answers) == [False] * 49 + [True]
    assert [kind for kind, _ in await kinds(bus)].count("ended") == 1


async def test_ending_a_call_for_a_worker_that_lost_it_does_nothing(bus: Bus) -> None:
    uuid = await dialled(bus, a_call(), worker=WORKER)

    assert not await bus.live.end(uuid, NORMAL, held_by=WORKER_2)
    assert await bus.live.end(uuid, NORMAL, held_by=WORKER)


async def test_an_unknown_call_is_not_live(bus: Bus) -> None:
    assert await bus.live.get(CallUuid("unknown")) is None


async def test_live_and_queued_calls_are_listed_apart(bus: Bus) -> None:
    live = await dialled(bus, a_call())
    on_its_way = await assigned(bus, a_call())
    (queued,) = await enqueued(bus, a_call())

    assert await bus.live.list(MAIN, status="live") == [live]
    assert sorted(await bus.live.list(MAIN, status="queued")) == sorted(
        [on_its_way, queued]
    )


async def test_a_main_account_sees_its_subaccounts_calls_and_no_others(
    bus: Bus,
) -> None:
    main, sub, other = await enqueued(
        bus, a_call(), a_call(account=SUB), a_call(account=OTHER, main=OTHER)
    )

    assert sorted(await bus.live.list(MAIN, status="queued")) == sorted([main, sub])
    assert await bus.live.list(SUB, status="queued") == [sub]
    assert await bus.live.list(OTHER, status="queued") == [other]


async def test_a_list_is_filtered_by_direction_and_numbers(bus: Bus) -> None:
    outbound = await dialled(bus, a_call(to="1"))
    inbound = await opened(bus, a_call(direction=Direction.INBOUND, from_="9", to="1"))

    async def found(**filters: str) -> list[CallUuid]:
        return await bus.live.list(MAIN, status="live", **filters)  # type: ignore[arg-type]

    assert await found(direction=Direction.INBOUND) == [inbound]
    assert await found(direction=Direction.OUTBOUND) == [outbound]
    assert await found(from_number="9") == [inbound]
    assert sorted(await found(to_number="1")) == sorted([inbound, outbound])
    assert await found(to_number="2") == []


async def test_a_list_is_paged(bus: Bus) -> None:
    await enqueued(bus, *(a_call() for _ in range(5)))
    everything = await bus.live.list(MAIN, status="queued")

    first = await bus.live.list(MAIN, status="queued", limit=2)
    second = await bus.live.list(MAIN, status="queued", limit=2, offset=2)

    assert first + second == everything[:4]
    assert await bus.live.list(MAIN, status="queued", offset=9) == []
