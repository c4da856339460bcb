import asyncio
from datetime import timedelta

import pytest

from voiceplat.bus.bus import Bus

pytestmark = pytest.mark.redis

LONG = timedelta(minutes=1)


async def test_one_holder_at_a_time(bus: Bus) -> None:
    answers = await asyncio.gather(
        *(bus.leases.hold("work", f"holder-{n}", LONG) for n in range(10))
    )

    assert sorted(answers) == [False] * 9 + [True]


async def test_a_holder_keeps_its_lease(bus: Bus) -> None:
    assert await bus.leases.hold("work", "a", LONG)
    assert await bus.leases.hold("work", "a", LONG)
    assert not await bus.leases.hold("work", "b", LONG)


async def test_a_released_lease_is_free_at_once(bus: Bus) -> None:
    await bus.leases.hold("work", "a", LONG)

    await bus.leases.release("work", "a")

    assert await bus.leases.hold("work", "b", LONG)


async def test_nobody_releases_another_s_lease(bus: Bus) -> None:
    await bus.leases.hold("work", "a", LONG)

    await bus.leases.release("work", "b")

    assert not await bus.leases.hold("work", "b", LONG)


async def test_a_silent_holder_loses_its_lease(bus: Bus) -> None:
    await bus.leases.hold("work", "a", timedelta(milliseconds=20))

    await asyncio.sleep(0.05)

    assert await bus.leases.hold("work", "b", LONG)
