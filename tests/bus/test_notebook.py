"""Noting never waits and never fails; what is noted gets to the bus, or is counted."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from tests.servers.redis import RedisServer
from voiceplat.bus.bus import Bus
from voiceplat.bus.notebook import ROOM, Notebook
from voiceplat.calls.timeline import StateChange
from voiceplat.calls.trouble import PLATFORM, Trouble, TroubleKind
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import CallUuid, new_call_uuid
from voiceplat.core.settings import RedisSettings
from voiceplat.core.timeline_settings import TimelineSettings

pytestmark = pytest.mark.redis


@asynccontextmanager
async def running(notebook: Notebook) -> AsyncIterator[None]:
    task = asyncio.create_task(notebook.run())
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.wait({task})


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await holds():  # noqa: ASYNC110 - Redis tells nobody
            await asyncio.sleep(0.05)


def change(state: str) -> StateChange:
    return StateChange(at=utc_now(), state=state)


async def states(bus: Bus, uuid: CallUuid) -> list[str]:
    read = await bus.timelines.of(uuid)
    return [it.state for _, it in read if isinstance(it, StateChange)]


async def test_what_is_noted_gets_to_the_bus(bus: Bus) -> None:
    uuid = new_call_uuid()
    notebook = Notebook(bus, TimelineSettings())
    async with running(notebook):
        notebook.note(uuid, change("initiated"))
        notebook.note(uuid, change("ringing"))
        notebook.is_dialog_of(uuid, "a@b")

        async def there() -> bool:
            return await states(bus, uuid) == ["initiated", "ringing"]

        await until(there)
        assert await bus.timelines.calls_of(["a@b", "other"]) == {"a@b": uuid}


async def test_nothing_is_noted_when_it_is_turned_off(bus: Bus) -> None:
    uuid = new_call_uuid()
    notebook = Notebook(bus, TimelineSettings(enabled=False))
    notebook.note(uuid, change("initiated"))
    await notebook.flush()
    assert await states(bus, uuid) == []


async def test_the_last_moments_of_a_call_stay(bus: Bus) -> None:
    uuid = new_call_uuid()
    notebook = Notebook(bus, TimelineSettings(moments_max=10))
    for number in range(30):
        notebook.note(uuid, change(str(number)))
    await notebook.flush()
    assert await states(bus, uuid) == [str(number) for number in range(20, 30)]


@pytest.mark.fault
async def test_while_redis_is_away_the_latest_moments_wait(
    redis: RedisServer,
) -> None:
    uuid = new_call_uuid()
    settings = TimelineSettings(moments_max=ROOM)
    async with Bus.connect(RedisSettings(url=redis.url)) as bus:
        notebook = Notebook(bus, settings)
        redis.kill()
        async with running(notebook):
            for number in range(ROOM + 5):
                notebook.note(uuid, change(str(number)))
            trouble = Trouble(
                at=utc_now(), account=PLATFORM, kind=TroubleKind.TRUNK, text="down"
            )
            notebook.trouble(trouble)
            await asyncio.sleep(1)
            notebook.note(uuid, change("last"))
            await asyncio.to_thread(redis.start)

            async def there() -> bool:
                return (await states(bus, uuid))[-1:] == ["last"]

            await until(there)
            assert (await states(bus, uuid))[0] == "6"
            assert len(await bus.troubles.last(PLATFORM, trouble.at)) == 1
