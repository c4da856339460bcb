"""Order, fairness and hand-over of queued calls."""

import asyncio
from datetime import timedelta

import pytest

from tests.bus.calls import (
    CANCELLED,
    FAST,
    MAIN,
    NODE,
    OTHER,
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
from voiceplat.calls.status import CallStatus
from voiceplat.core.ids import CallUuid

pytestmark = pytest.mark.redis

HOUR = timedelta(hours=1)
A_CALL_PER_HOUR = 1 / 3600


def let_time_pass(redis: RedisServer, main: str) -> None:
    """As if the account's next start were due now."""
    with redis.client() as client:
        client.delete(keys.pace(main))


async def held(bus: Bus, worker: str = WORKER) -> set[CallUuid]:
    return set(await bus.live.held_by(worker))


async def test_a_call_behind_another_is_told_that_it_waits(bus: Bus) -> None:
    await bus.slots.announce(WORKER, free=3, busy=0)
    await enqueued(bus, a_call())

    at_once = await bus.queue.enqueue(a_call(), FAST)

    assert not at_once


async def test_without_a_free_slot_a_call_waits_and_time_does_not_help(
    bus: Bus,
) -> None:
    at_once = await bus.queue.enqueue(a_call(), FAST)

    wait = await bus.queue.dispatch()

    assert not at_once
    assert wait is None
    assert await bus.queue.depth(MAIN) == 1


async def test_a_call_that_is_placed_is_with_its_worker_at_once(bus: Bus) -> None:
    await bus.slots.announce(WORKER, free=1, busy=0)
    call = a_call()

    at_once = await bus.queue.place(call, FAST)

    assert at_once
    assert await jobs(bus, WORKER, 1) == [call.uuid]
    assert await bus.queue.depth(MAIN) == 0


async def test_a_call_that_is_placed_twice_is_one_call(bus: Bus) -> None:
    call = a_call()
    await bus.queue.place(call, FAST)
    await bus.slots.announce(WORKER, free=2, busy=0)

    await bus.queue.place(call, FAST)
    await bus.queue.place(call, FAST)

    assert await jobs(bus, WORKER, 1) == [call.uuid]
    assert await held(bus) == {call.uuid}
    assert [kind for kind, _ in await kinds(bus)] == ["initiated"]


async def test_a_call_is_placed_by_a_redis_that_forgot_its_scripts(
    bus: Bus, redis: RedisServer
) -> None:
    await bus.slots.announce(WORKER, free=1, busy=0)
    with redis.client() as client:
        client.script_flush()
    call = a_call()

    assert await bus.queue.place(call, FAST)
    assert await jobs(bus, WORKER, 1) == [call.uuid]


async def test_an_empty_queue_has_nothing_due(bus: Bus) -> None:
    await bus.slots.announce(WORKER, free=3, busy=0)

    assert await bus.queue.dispatch() is None


async def test_a_call_takes_its_slot(bus: Bus) -> None:
    await bus.slots.announce(WORKER, free=2, busy=0)
    await enqueued(bus, a_call())

    await bus.queue.dispatch()

    assert await bus.slots.count() == 1


async def test_calls_of_an_account_leave_in_the_order_they_came(
    bus: Bus, redis: RedisServer
) -> None:
    await bus.slots.announce(WORKER, free=5, busy=0)
    wanted = await enqueued(bus, *(a_call() for _ in range(5)), rate=A_CALL_PER_HOUR)

    for _ in wanted:
        await bus.queue.dispatch()
        let_time_pass(redis, MAIN)

    assert await jobs(bus, WORKER, 5) == wanted


async def test_accounts_take_turns_whatever_the_length_of_their_queues(
    bus: Bus, redis: RedisServer
) -> None:
    long = await enqueued(bus, *(a_call() for _ in range(4)))
    short = await enqueued(
        bus, a_call(account=OTHER, main=OTHER), a_call(account=OTHER, main=OTHER)
    )

    got = await order(bus)

    assert got == [long[0], short[0], long[1], short[1], long[2], long[3]]


async def test_accepting_a_call_twice_queues_it_once(bus: Bus) -> None:
    call = a_call()

    await enqueued(bus, call, call)

    assert await bus.queue.depth(MAIN) == 1
    assert await kinds(bus) == [("initiated", 1)]


async def test_accepting_a_call_twice_gives_the_same_answer(bus: Bus) -> None:
    await bus.slots.announce(WORKER, free=1, busy=0)
    call = a_call()

    answers = [await bus.queue.enqueue(call, FAST) for _ in range(2)]

    assert answers == [True, True]


async def test_a_queued_call_is_shown_as_queued(bus: Bus) -> None:
    call = a_call()

    await enqueued(bus, call)

    live = await bus.live.get(call.uuid)
    assert live is not None
    assert live.call == call
    assert live.status is CallStatus.QUEUED


async def test_only_one_begin_succeeds(bus: Bus) -> None:
    uuid = await assigned(bus, a_call())

    answers = await asyncio.gather(*(bus.queue.begin(uuid) for _ in range(20)))

    assert sorted(answers) == [False] * 19 + [True]


async def test_a_begun_call_is_no_longer_queued(bus: Bus) -> None:
    uuid = await dialled(bus, a_call())

    live = await bus.live.get(uuid)

    assert live is not None
    assert live.status is CallStatus.RINGING
    assert live.ringing_at is None


async def test_a_call_that_was_never_assigned_cannot_begin(bus: Bus) -> None:
    (uuid,) = await enqueued(bus, a_call())

    assert not await bus.queue.begin(uuid)


async def test_a_worker_cannot_begin_what_another_holds(bus: Bus) -> None:
    uuid = await assigned(bus, a_call())

    assert not await bus.queue.begin(uuid, worker=WORKER_2)
    assert await bus.queue.begin(uuid, worker=WORKER)


async def test_an_attempt_whose_answer_was_lost_hears_it_again(bus: Bus) -> None:
    uuid = await assigned(bus, a_call())

    mine = [await bus.queue.begin(uuid, attempt="a") for _ in range(2)]
    other = await bus.queue.begin(uuid, attempt="b")

    assert mine == [True, True]
    assert not other


async def test_cancelling_a_queued_call_removes_and_ends_it(bus: Bus) -> None:
    first_, second = await enqueued(bus, a_call(), a_call())

    cancelled = await bus.queue.cancel(first_, CANCELLED)

    assert cancelled
    assert await bus.queue.depth(MAIN) == 1
    assert await bus.live.get(first_) is None
    assert await bus.live.get(second) is not None
    assert (await kinds(bus))[-1] == ("ended", 2)


async def test_a_cancelled_call_is_never_started(bus: Bus) -> None:
    (uuid,) = await enqueued(bus, a_call())
    await bus.queue.cancel(uuid, CANCELLED)

    await bus.slots.announce(WORKER, free=1, busy=0)
    await bus.queue.dispatch()

    assert await held(bus) == set()
    assert await bus.slots.count() == 1


async def test_begin_after_cancel_is_false(bus: Bus) -> None:
    uuid = await assigned(bus, a_call())

    cancelled = await bus.queue.cancel(uuid, CANCELLED)

    assert cancelled
    assert not await bus.queue.begin(uuid)
    assert await held(bus) == set()


async def test_cancel_after_begin_is_false_and_changes_nothing(bus: Bus) -> None:
    uuid = await dialled(bus, a_call())

    cancelled = await bus.queue.cancel(uuid, CANCELLED)

    assert not cancelled
    assert await bus.live.get(uuid) is not None


async def test_begin_and_cancel_at_once_have_one_winner(bus: Bus) -> None:
    for _ in range(20):
        uuid = await assigned(bus, a_call())

        begun, cancelled = await asyncio.gather(
            bus.queue.begin(uuid), bus.queue.cancel(uuid, CANCELLED)
        )

        assert begun != cancelled


async def test_cancelling_an_unknown_call_is_false(bus: Bus) -> None:
    assert not await bus.queue.cancel(CallUuid("unknown"), CANCELLED)


async def test_a_requeued_call_goes_to_the_front(bus: Bus) -> None:
    taken = await assigned(bus, a_call())
    waiting = await enqueued(bus, a_call(), a_call())

    requeued = await bus.queue.requeue(taken)

    assert requeued
    assert await order(bus) == [taken, *waiting]


async def test_requeued_calls_keep_their_order_whichever_comes_back_first(
    bus: Bus,
) -> None:
    taken = [await assigned(bus, a_call()) for _ in range(3)]
    waiting = await enqueued(bus, a_call())

    for uuid in (taken[1], taken[0], taken[2]):
        await bus.queue.requeue(uuid)

    assert await order(bus) == [*taken, *waiting]


async def test_a_begun_call_is_never_requeued(bus: Bus) -> None:
    uuid = await dialled(bus, a_call())

    assert not await bus.queue.requeue(uuid)
    assert await bus.queue.depth(MAIN) == 0


async def test_a_call_is_requeued_once(bus: Bus) -> None:
    uuid = await assigned(bus, a_call())

    answers = [await bus.queue.requeue(uuid) for _ in range(2)]

    assert answers == [True, False]
    assert await bus.queue.depth(MAIN) == 1


async def test_enqueue_wakes_whoever_dispatches(bus: Bus) -> None:
    wake_ups = bus.queue.wake()
    await anext(wake_ups)  # the one at the start

    await enqueued(bus, a_call())
    async with asyncio.timeout(20):
        await anext(wake_ups)

    await wake_ups.aclose()


async def test_a_call_that_is_placed_wakes_somebody_only_when_it_must_wait(
    bus: Bus, redis: RedisServer
) -> None:
    with redis.client() as client, client.pubsub() as heard:
        heard.subscribe(keys.WAKE)
        heard.get_message(timeout=20)  # that it is subscribed
        await bus.slots.announce(WORKER, free=1, busy=0)
        await bus.queue.place(a_call(), A_CALL_PER_HOUR)  # starts at once
        await bus.queue.place(a_call(), A_CALL_PER_HOUR)  # no slot: time is no help
        await bus.slots.announce(WORKER_2, free=1, busy=0)
        await bus.queue.place(a_call(), A_CALL_PER_HOUR)  # its account's pace

        whys = [heard.get_message(timeout=20) for _ in range(2)]
        more = heard.get_message(timeout=0.1)

    assert [why and why["data"] for why in whys] == ["slot", "due"]
    assert more is None


async def test_a_new_slot_wakes_whoever_dispatches_when_calls_wait(bus: Bus) -> None:
    await enqueued(bus, a_call())
    wake_ups = bus.queue.wake()
    await anext(wake_ups)

    await bus.slots.announce(WORKER, free=1, busy=0)
    async with asyncio.timeout(20):
        await anext(wake_ups)

    await wake_ups.aclose()


async def test_an_inbound_call_is_not_the_queue_s_business(bus: Bus) -> None:
    call = a_call()
    await bus.live.open_at(call, WORKER, NODE)

    assert not await bus.queue.begin(call.uuid)
    assert not await bus.queue.requeue(call.uuid)
    assert not await bus.queue.cancel(call.uuid, CANCELLED)


async def order(bus: Bus) -> list[CallUuid]:
    """The order in which queued calls leave when one slot at a time comes free."""
    left: list[CallUuid] = []
    while await bus.slots.announce(WORKER_2, free=1, busy=0):
        await bus.queue.dispatch()
        if await bus.slots.count():
            return left
        left += await jobs(bus, WORKER_2, 1)
        await bus.queue.begin(left[-1])
    return left
