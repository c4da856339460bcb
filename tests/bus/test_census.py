"""How many calls wait and run, for those who watch the platform."""

from datetime import timedelta

import pytest

from tests.bus.calls import NODE, OTHER, WORKER, WORKER_2, a_call
from voiceplat.bus.bus import Bus
from voiceplat.bus.census import Held
from voiceplat.calls.status import CallStatus, Direction

pytestmark = pytest.mark.redis


async def test_nothing_is_counted_where_nothing_is(bus: Bus) -> None:
    queued = await bus.census.queued()

    assert (queued.calls, queued.longest) == (0, timedelta(0))
    assert await bus.census.held([]) == Held(0, 0, {})
    assert await bus.census.held([WORKER]) == Held(0, 0, {})


async def test_calls_of_all_queues_are_counted_and_the_oldest_is_known(
    bus: Bus,
) -> None:
    await bus.queue.enqueue(a_call(), 2)
    await bus.queue.enqueue(a_call(), 2)
    await bus.queue.enqueue(a_call(account=OTHER, main=OTHER), 2)

    queued = await bus.census.queued()

    assert queued.calls == 3
    assert timedelta(0) <= queued.longest < timedelta(seconds=20)


async def test_calls_slots_and_legs_are_those_of_the_workers_asked_for(
    bus: Bus,
) -> None:
    await bus.slots.announce(WORKER, free=2, busy=1, legs=3)
    await bus.slots.announce(WORKER_2, free=3, busy=0, legs=4)
    ringing, answered, elsewhere = (
        a_call(direction=Direction.INBOUND) for _ in range(3)
    )
    for call in (ringing, answered):
        await bus.live.open_at(call, WORKER, NODE)
    await bus.live.open_at(elsewhere, WORKER_2, NODE)
    await bus.live.answered(answered.uuid)

    held = await bus.census.held([WORKER])
    both = await bus.census.held([WORKER, WORKER_2])

    assert (held.slots_free, held.legs_free) == (2, 3)
    assert held.calls == {
        (CallStatus.RINGING, Direction.INBOUND): 1,
        (CallStatus.IN_PROGRESS, Direction.INBOUND): 1,
    }
    assert (both.slots_free, both.legs_free) == (5, 7)
    assert both.calls[CallStatus.RINGING, Direction.INBOUND] == 2
