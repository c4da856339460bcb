import asyncio
from datetime import timedelta

import pytest

from voiceplat.bus.bus import Bus
from voiceplat.core.errors import RateLimited

pytestmark = pytest.mark.redis

WINDOW = timedelta(minutes=1)


async def take(bus: Bus, who: str, times: int) -> None:
    for _ in range(times):
        await bus.turns.take(who, allowed=3, window=WINDOW)


async def test_as_many_turns_are_taken_as_a_window_allows(bus: Bus) -> None:
    await take(bus, "a", 3)

    with pytest.raises(RateLimited) as caught:
        await take(bus, "a", 1)

    assert timedelta(0) < caught.value.retry_after <= WINDOW


async def test_one_who_takes_many_turns_costs_another_none(bus: Bus) -> None:
    await take(bus, "a", 3)

    await take(bus, "b", 3)


async def test_a_new_window_gives_new_turns(bus: Bus) -> None:
    for _ in range(5):
        await bus.turns.take("a", allowed=1, window=timedelta(milliseconds=1))
        await asyncio.sleep(0.01)
