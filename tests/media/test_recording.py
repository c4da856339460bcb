"""The recordings of one call: what begins and ends them, and what is told."""

import asyncio
from pathlib import Path

import pytest
from typing_extensions import override

from tests.fakes.leg import FakeLeg
from tests.recordings.kept import an_order
from voiceplat.calls.leg import Sound
from voiceplat.calls.recording import EndReason, Recording
from voiceplat.core.errors import MediaError
from voiceplat.media.recording import STEREO, LiveTaking
from voiceplat.recordings.spool import FinishedTake, Spool

RATE_HZ = 8000


class Recorded:
    """One recording in its task."""

    def __init__(self, spool: Spool, leg: FakeLeg, **order: object) -> None:
        self.spool = spool
        self.told: list[Recording] = []
        self.taking = LiveTaking(an_order(**order), leg, STEREO)
        self.task = asyncio.create_task(
            self.taking.run(spool, RATE_HZ, self.told.append)
        )

    def finished(self) -> FinishedTake:
        (take,) = self.spool.finished(but=frozenset())
        return take

    @property
    def reason(self) -> EndReason | None:
        end = self.finished().end()
        return end.reason if end else None


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", 0)


async def test_it_ends_by_its_limit(spool: Spool) -> None:
    leg = FakeLeg(answered=True)
    recorded = Recorded(spool, leg, limit=5)
    recorded.taking.start()

    await recorded.task

    (it,) = leg.recorded
    assert it.ended - it.began == 5
    assert set(it.tracks.values()) == {Sound.SAID, Sound.HEARD}
    assert recorded.reason is EndReason.MAX_LENGTH


async def test_it_ends_with_the_call(spool: Spool) -> None:
    recorded = Recorded(spool, FakeLeg(answered=True, hangs_up_at=3))
    recorded.taking.start()

    await recorded.task

    assert recorded.reason is EndReason.HANGUP
    assert recorded.finished().has_audio(recorded.finished().notes())


async def test_who_ends_it_hears_what_was_taken(spool: Spool) -> None:
    recorded = Recorded(spool, FakeLeg(answered=True))
    recorded.taking.start()
    await asyncio.sleep(4)

    taken = await recorded.taking.end(EndReason.FINISH_KEY)
    again = await recorded.taking.end(EndReason.HANGUP)

    assert taken == again
    assert taken.reason is EndReason.FINISH_KEY
    assert taken.duration.total_seconds() == pytest.approx(4, abs=0.1)


async def test_what_was_opened_records_nothing_before_it_is_started(
    spool: Spool,
) -> None:
    leg = FakeLeg(answered=True)
    recorded = Recorded(spool, leg, limit=2)
    await asyncio.sleep(10)

    recorded.taking.start()
    await recorded.task

    assert [(it.began, it.ended) for it in leg.recorded] == [(10, 12)]


async def test_a_disk_that_gets_full_ends_it(spool: Spool) -> None:
    recorded = Recorded(spool, FakeLeg(answered=True))
    recorded.taking.start()
    await asyncio.sleep(3)

    spool.reserve_bytes = 1 << 60
    await recorded.task

    assert recorded.reason is EndReason.NO_ROOM
    assert recorded.told == []


async def test_a_disk_that_is_full_already_is_told_at_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 1 << 60)
    recorded = Recorded(spool, FakeLeg(answered=True))
    recorded.taking.start()

    await recorded.task

    (told,) = recorded.told
    assert told.order == recorded.taking.order
    assert "nearly full" in told.failure
    taken = await recorded.taking.end(EndReason.HANGUP)
    assert (taken.duration.total_seconds(), taken.reason) == (0, EndReason.NO_ROOM)


async def test_a_leg_that_cannot_be_recorded_says_why(spool: Spool) -> None:
    class Mute(FakeLeg):
        @override
        async def record(self, tracks: object) -> None:
            raise MediaError("there is no media yet")

    recorded = Recorded(spool, Mute(answered=True))
    recorded.taking.start()

    await recorded.task

    end = recorded.finished().end()
    assert end is not None
    assert end.failure == "there is no media yet"
