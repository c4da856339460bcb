"""Requests in a window of time, counted in Redis."""

import asyncio
from datetime import timedelta

import pytest
from redis import Redis

from tests.servers.redis import RedisServer
from voiceplat.bus.bus import Bus
from voiceplat.core.errors import RateLimited

pytestmark = pytest.mark.redis

MINUTE = timedelta(minutes=1)


async def test_so_many_turns_are_given_and_not_one_more(bus: Bus) -> None:
    async def take() -> bool:
        try:
            await bus.turns.take("MA1", allowed=5, window=MINUTE)
        except RateLimited:
            return False
        return True

    given = await asyncio.gather(*(take() for _ in range(20)))

    assert sum(given) == 5


async def test_who_is_refused_hears_when_the_next_window_begins(bus: Bus) -> None:
    await bus.turns.take("MA1", allowed=1, window=MINUTE)

    with pytest.raises(RateLimited) as refused:
        await bus.turns.take("MA1", allowed=1, window=MINUTE)

    assert timedelta(seconds=58) < refused.value.retry_after <= MINUTE


async def test_the_next_window_has_turns_again(bus: Bus) -> None:
    window = timedelta(milliseconds=50)
    await bus.turns.take("MA1", allowed=1, window=window)
    await asyncio.sleep(0.1)

    await bus.turns.take("MA1", allowed=1, window=window)


async def test_everybody_has_turns_of_their_own(bus: Bus) -> None:
    await bus.turns.take("MA1", allowed=1, window=MINUTE)

    await bus.turns.take("MA2", allowed=1, window=MINUTE)


async def test_no_turn_waits_for_the_disk(bus: Bus, redis: RedisServer) -> None:
    """What is not in the append-only file is not synced either."""
    with Redis.from_url(redis.url) as client:
        before = client.info("persistence")["aof_current_size"]

        await bus.turns.take("MA1", allowed=1, window=MINUTE)

        assert client.info("persistence")["aof_current_size"] == before
