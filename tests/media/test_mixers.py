"""The mixers of a host: made when a worker asks, buried when they die, stopped."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.bus.calls import MAIN, NODE
from tests.servers.redis import PATIENCE
from voiceplat.bus.bus import Bus
from voiceplat.bus.rooms import FoundRoom, RoomName
from voiceplat.core.ids import ConferenceUuid, new_conference_uuid
from voiceplat.core.settings import Settings
from voiceplat.links.lifeline import DRAIN, STOP
from voiceplat.media.insight import take
from voiceplat.media.mixers import Mixers
from voiceplat.metrics.media import MediaFigures
from voiceplat.mixer.process import MixerWanted

pytestmark = [pytest.mark.redis, pytest.mark.fault]

TEAM = RoomName(account=MAIN, main=MAIN, name="team")
PATIENCE_S = 40
LONG = timedelta(seconds=PATIENCE_S)


@pytest.fixture
def heard() -> list[bytes]:
    """What mixers told their supervisor."""
    return []


@pytest.fixture
async def mixers(
    bus: Bus, redis_url: str, tmp_path: Path, heard: list[bytes]
) -> AsyncIterator[Mixers]:
    settings = Settings.model_validate(
        {
            "redis": {"url": redis_url, **PATIENCE},
            "data": tmp_path,
            "media": {"room_timeout_ms": PATIENCE_S * 1000},
        }
    )
    made = Mixers(settings, bus, heard.append)
    yield made
    made.order(STOP)
    async with asyncio.timeout(PATIENCE_S):
        await made.until_gone()


async def claim(bus: Bus) -> FoundRoom:
    return await bus.rooms.claim(TEAM, new_conference_uuid(), NODE, LONG)


async def until_open(bus: Bus, uuid: ConferenceUuid) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while (found := await claim(bus)).address is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert found.uuid == uuid


def make(mixers: Mixers, uuid: ConferenceUuid) -> None:
    mixers.make(MixerWanted(room=TEAM, uuid=uuid).model_dump_json().encode())


def only_child(mixers: Mixers) -> int:
    (mixer,) = mixers._running
    assert mixer._process.pid is not None
    return mixer._process.pid


async def test_a_mixer_that_dies_is_buried_and_its_name_is_free(
    bus: Bus, mixers: Mixers
) -> None:
    first = (await claim(bus)).uuid
    make(mixers, first)
    await until_open(bus, first)

    os.kill(only_child(mixers), signal.SIGKILL)

    async with asyncio.timeout(PATIENCE_S):
        await mixers.until_gone()
    second = (await claim(bus)).uuid
    assert second != first
    make(mixers, second)
    await until_open(bus, second)


async def test_draining_leaves_a_room_be_and_stopping_ends_it(
    bus: Bus, mixers: Mixers
) -> None:
    uuid = (await claim(bus)).uuid
    make(mixers, uuid)
    await until_open(bus, uuid)

    mixers.order(DRAIN)
    await asyncio.sleep(0.2)
    assert len(mixers) == 1
    mixers.order(STOP)

    async with asyncio.timeout(PATIENCE_S):
        await mixers.until_gone()
    assert (await claim(bus)).uuid != uuid


async def test_a_mixer_that_has_no_time_tells_how_much_it_left_out(
    bus: Bus, mixers: Mixers, heard: list[bytes]
) -> None:
    uuid = (await claim(bus)).uuid
    make(mixers, uuid)
    await until_open(bus, uuid)
    figures = MediaFigures()

    os.kill(only_child(mixers), signal.SIGSTOP)
    await asyncio.sleep(0.5)
    os.kill(only_child(mixers), signal.SIGCONT)

    missed = "voiceplat_room_missed_ticks_total"
    async with asyncio.timeout(PATIENCE_S):
        while (figures.registry.get_sample_value(missed) or 0) < 20:
            await asyncio.sleep(0.05)
            while heard:
                take(figures, heard.pop())


async def test_nonsense_makes_no_mixer(mixers: Mixers) -> None:
    mixers.make(b"make tea")

    assert len(mixers) == 0
