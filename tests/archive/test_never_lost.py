"""Whatever is killed, whenever: recordings are kept, can be played, are told once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from random import SystemRandom

import pytest

from tests.calls_e2e.recorded import listened_to
from tests.ledger.parts import Parts, running
from tests.recordings.kept import an_order
from tests.servers.archive import ArchiveServer, archive_server
from tests.servers.recording_process import (
    HEARS_HZ,
    SAYS_HZ,
    recording_process,
    write_sounds,
)
from tests.servers.redis import RedisServer
from voiceplat.calls.call import Hook
from voiceplat.calls.recording import RecordingOrder

pytestmark = [pytest.mark.fault, pytest.mark.redis, pytest.mark.sip]

RANDOM = SystemRandom()
TAKES = 50
AT_ONCE = 10
LONGEST_S = 4.0
READY = Hook(url="http://customer.example/ready")


@pytest.fixture
async def archive(redis: RedisServer, tmp_path: Path) -> AsyncIterator[ArchiveServer]:
    with archive_server(tmp_path, redis.url) as server:
        yield server


async def recorded_and_killed(
    data: Path, order: RecordingOrder, room: asyncio.Semaphore
) -> tuple[float, float]:
    """Seconds that were on the disk when it was told to die, and when it was dead."""
    async with room:
        with recording_process(data, order) as process:
            await process.start()
            await process.until_begun()
            await asyncio.sleep(RANDOM.uniform(0, LONGEST_S))
            before = process.written_s
            await asyncio.to_thread(process.kill)
            return before, process.written_s


async def disturb(archive: ArchiveServer, redis: RedisServer) -> None:
    """The archive dies again and again, Redis now and then."""
    while True:
        await asyncio.sleep(RANDOM.uniform(0.2, 4))
        await asyncio.to_thread(archive.restart)
        if RANDOM.random() < 0.25:
            await asyncio.to_thread(redis.restart)


async def until_told(data: Path, parts: Parts) -> None:
    """Returns when the spool is empty and every event applied."""
    spool = data / "spool"
    while any(spool.glob("*/order.json")) or await parts.bus.events.waiting():  # noqa: ASYNC110
        await asyncio.sleep(0.1)


@pytest.mark.timeout(240)
async def test_fifty_recordings_whose_processes_are_killed_are_all_kept(
    archive: ArchiveServer,
    redis: RedisServer,
    parts: Parts,
    tmp_path: Path,
) -> None:
    write_sounds(tmp_path)
    orders = [an_order(format="wav", ready=READY) for _ in range(TAKES)]
    room = asyncio.Semaphore(AT_ONCE)

    async with running(disturb(archive, redis)), running(parts.applier().run()):
        lengths = await asyncio.gather(
            *(recorded_and_killed(tmp_path, order, room) for order in orders)
        )
    await asyncio.to_thread(redis.restart)
    await asyncio.to_thread(archive.restart)
    async with running(parts.applier().run()):
        await until_told(tmp_path, parts)

    for order, (before, dead) in zip(orders, lengths, strict=True):
        kept = tmp_path / "recordings" / order.account / f"{order.id}.wav"
        file = listened_to(kept.read_bytes())
        assert before - 0.1 <= file.seconds <= dead + 0.2
        assert file.only(0, SAYS_HZ) or file.seconds < 0.2
        assert file.only(1, HEARS_HZ) or file.seconds < 0.2
    told = Counter(row.params["RecordingID"] for row in await parts.outbox())
    assert told == Counter({order.id: 1 for order in orders})
    assert await parts.bus.events.parked() == 0
