"""Pace: time is Redis' own, read back from the waits that dispatch returns."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from tests.bus.calls import (
    MAIN,
    OTHER,
    SUB,
    WORKER,
    a_call,
    enqueued,
)
from tests.servers.redis import RedisServer
from voiceplat.bus import keys
from voiceplat.bus.bus import Bus
from voiceplat.core.ids import CallUuid

pytestmark = pytest.mark.redis

HOUR = timedelta(hours=1)
A_CALL_PER_HOUR = 1 / 3600


async def held(bus: Bus, worker: str = WORKER) -> set[CallUuid]:
    return set(await bus.live.held_by(worker))


async def test_an_idle_account_starts_its_first_call_at_once(bus: Bus) -> None:
    await bus.slots.announce(WORKER, free=3, busy=0)
    call = a_call()

    at_once = await bus.queue.enqueue(call, 2.0)
    await bus.queue.dispatch()

    assert at_once
    assert await held(bus) == {call.uuid}


async def test_the_second_call_is_due_one_period_after_the_first(bus: Bus) -> None:
    await bus.slots.announce(WORKER, free=3, busy=0)
    first, second = await enqueued(bus, a_call(), a_call(), rate=A_CALL_PER_HOUR)

    wait = await bus.queue.dispatch()

    assert wait == HOUR
    assert await held(bus) == {first}
    assert await bus.queue.depth(MAIN) == 1
    assert second not in await held(bus)


async def test_time_passing_shortens_the_wait_and_starts_nothing_early(
    bus: Bus,
) -> None:
    await bus.slots.announce(WORKER, free=3, busy=0)
    await enqueued(bus, a_call(), a_call(), rate=A_CALL_PER_HOUR)
    first_wait = await bus.queue.dispatch()

    await asyncio.sleep(0.02)
    second_wait = await bus.queue.dispatch()

    assert first_wait is not None
    assert second_wait is not None
    assert HOUR - timedelta(minutes=1) < second_wait < first_wait
    assert len(await held(bus)) == 1


@pytest.mark.checklist(9)
async def test_starts_leave_at_an_even_pace_of_two_a_second(
    bus: Bus, redis: RedisServer
) -> None:
    await bus.slots.announce(WORKER, free=9, busy=0)
    await enqueued(bus, *(a_call() for _ in range(4)), rate=2.0)

    due_us = []
    while await bus.queue.depth(MAIN):
        before = await bus.queue.depth(MAIN)
        wait = await bus.queue.dispatch()
        if await bus.queue.depth(MAIN) < before:
            with redis.client() as client:
                due_us.append(int(client.get(keys.pace(MAIN)) or 0))
        await asyncio.sleep(wait.total_seconds() if wait else 0)

    gaps = [later - sooner for sooner, later in pairwise(due_us)]
    assert len(gaps) == 3
    assert min(gaps) >= 500_000


async def test_idle_time_is_not_saved_up_for_a_burst(
    bus: Bus, redis: RedisServer
) -> None:
    await bus.slots.announce(WORKER, free=9, busy=0)
    with redis.client() as client:
        client.set(keys.pace(MAIN), 1)  # last start half a century ago
    await enqueued(bus, a_call(), a_call(), a_call(), rate=A_CALL_PER_HOUR)

    wait = await bus.queue.dispatch()

    assert wait == HOUR
    assert len(await held(bus)) == 1


async def test_a_clock_that_was_set_back_stops_an_account_for_one_period_at_most(
    bus: Bus, redis: RedisServer
) -> None:
    await bus.slots.announce(WORKER, free=9, busy=0)
    with redis.client() as client:
        client.set(keys.pace(MAIN), 10**16)
    await enqueued(bus, a_call(), rate=A_CALL_PER_HOUR)

    wait = await bus.queue.dispatch()

    assert wait == HOUR


async def test_subaccounts_share_the_pace_of_their_main_account(bus: Bus) -> None:
    await bus.slots.announce(WORKER, free=3, busy=0)
    calls = a_call(account=MAIN), a_call(account=SUB)
    first, _ = await enqueued(bus, *calls, rate=A_CALL_PER_HOUR)

    wait = await bus.queue.dispatch()

    assert wait == HOUR
    assert await held(bus) == {first}


async def test_a_call_that_must_wait_for_the_pace_is_told_so(bus: Bus) -> None:
    await bus.slots.announce(WORKER, free=3, busy=0)
    await enqueued(bus, a_call(), rate=A_CALL_PER_HOUR)
    await bus.queue.dispatch()

    at_once = await bus.queue.enqueue(a_call(), A_CALL_PER_HOUR)

    assert not at_once


async def test_a_paced_account_does_not_hold_up_another(bus: Bus) -> None:
    await bus.slots.announce(WORKER, free=3, busy=0)
    await enqueued(bus, a_call(), a_call(), rate=A_CALL_PER_HOUR)
    await bus.queue.dispatch()
    (other,) = await enqueued(bus, a_call(account=OTHER, main=OTHER))

    await bus.queue.dispatch()

    assert other in await held(bus)
