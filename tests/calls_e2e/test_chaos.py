"""Many calls at once, ended by either side at any moment: nothing is left over."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator

import plivo
import pytest

from tests.calls_e2e.conftest import CARRIER, NUMBER, Site, World, set_up
from tests.servers.free_ports import free_port
from tests.servers.sipp import SippFailed, sipp, sipp_waits
from voiceplat.bus import keys
from voiceplat.bus.bus import Bus
from voiceplat.bus.connection import connect
from voiceplat.core.settings import RedisSettings, Settings

pytestmark = [pytest.mark.edge, pytest.mark.sip, pytest.mark.fault]

CALLS = 15
"""Each way."""


@pytest.fixture
def site() -> Iterator[Site]:
    """A platform of its own, which starts calls as fast as it has slots."""
    with set_up({"QUEUE__CALLS_PER_SECOND": "20"}) as made:
        yield made


async def comes_in(world: World, dice: random.Random, scenario: str) -> None:
    """A call of the carrier's; one that finds no slot is refused."""
    await asyncio.sleep(dice.uniform(0, 4))
    try:
        await sipp(
            scenario,
            host=CARRIER,
            port=free_port(),
            to=world.platform.sip,
            user=f"+{NUMBER}",
            pause_ms=dice.randint(0, 1500),
        )
    except SippFailed:
        return


async def goes_out(world: World, dice: random.Random) -> None:
    """A call that the API hangs up: queued, ringing, being answered, or talking."""
    await asyncio.sleep(dice.uniform(0, 4))
    uuid = await world.place("+15550123", '<Wait length="30"/>')
    await asyncio.sleep(dice.choice((0, 0.02, 0.05, 0.1, 0.3, 1.0)))
    try:
        await world.sdk(lambda: world.client.calls.delete(uuid))
    except plivo.exceptions.ResourceNotFoundError:
        pytest.fail(f"call {uuid} is live and could not be hung up")


async def test_calls_end_at_any_moment_and_nothing_is_left(world: World) -> None:
    dice = random.Random(7)  # noqa: S311 - the same calls each time
    settings = world.platform.settings
    slots = settings.media.sessions_per_worker * 3
    await world.application(
        answer_url=world.customer.document(
            "/in", '<Wait length="1"/><Speak>Hello</Speak><Wait length="30"/>'
        ),
        hangup_url=f"{world.customer.url}/hangup",
    )

    async with sipp_waits("answers", host=CARRIER, port=world.site.port):
        await world.until_in_service(CARRIER)
        async with asyncio.TaskGroup() as calls:
            for number in range(CALLS):
                way = "gives_up" if number % 3 else "calls_and_hangs_up"
                calls.create_task(comes_in(world, dice, way))
                calls.create_task(goes_out(world, dice))

    async with Bus.connect(settings.redis) as bus, asyncio.timeout(20):
        while await bus.slots.count() < slots:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    await world.customer.asked_for("/hangup", times=CALLS)
    await asyncio.sleep(1)
    assert await live_records(settings) == []
    ends = Counter(
        asked.fields["CallUUID"] for asked in world.customer.requests("/hangup")
    )
    assert set(ends.values()) == {1}, "one hangup callback for each call"
    assert len(ends) >= CALLS
    log = world.platform.log("media")
    assert "worker_died" not in log
    assert "call_failed" not in log


async def live_records(settings: Settings) -> list[str]:
    redis: RedisSettings = settings.redis
    async with connect(redis) as wire:
        found: list[str] = await wire.ask("KEYS", f"{keys.call('')}*")
        return found
