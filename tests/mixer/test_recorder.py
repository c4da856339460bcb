"""The recordings of a room, by what lies in the spool."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.recordings.kept import an_order
from voiceplat.calls.recording import EndReason, Recording
from voiceplat.core.errors import NoRoom
from voiceplat.core.settings import Settings
from voiceplat.mixer.recorder import NEVER_TWO, LiveRoomRecorder
from voiceplat.recordings import spool as spool_module
from voiceplat.recordings.spool import FinishedTake, Spool
from voiceplat.recordings.wav import HEADER_BYTES

pytestmark = pytest.mark.real_time

PATIENCE_S = 20
ONE, TWO = b"\x01\x00" * 160, b"\x02\x00" * 160
Write = Callable[[bytes], None]


class Tape:
    def __init__(self, of: list[Write], write: Write) -> None:
        self._of = of
        self._write = write
        of.append(write)

    def stop(self) -> None:
        self._of.remove(self._write)


class FakeMix:
    """A room whose frames a test makes."""

    def __init__(self) -> None:
        self.tapes: list[Write] = []

    def record(self, write: Write) -> Tape:
        return Tape(self.tapes, write)

    def mixes(self, *frames: bytes) -> None:
        for frame in frames:
            for write in tuple(self.tapes):
                write(frame)

    async def until_recorded(self, times: int = 1) -> None:
        """So many record."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self.tapes) != times:  # noqa: ASYNC110 - a thread tells nobody
                await asyncio.sleep(0.01)


class Room:
    def __init__(self, settings: Settings) -> None:
        self.mix = FakeMix()
        self.told: list[Recording] = []
        self.recorder = LiveRoomRecorder(self.mix, settings, self.told.append)
        self.spool = Spool.of(settings)

    def finished(self) -> list[FinishedTake]:
        return self.spool.finished(but=frozenset())

    async def until_written(self, count: int) -> None:
        """So many bytes of sound are on the disk."""
        async with asyncio.timeout(PATIENCE_S):
            while sum(map(len, self.written())) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    def written(self) -> list[bytes]:
        return [
            track.read_bytes()[HEADER_BYTES:]
            for track in self.spool.folder.glob("*/mix.wav")
        ]


@asynccontextmanager
async def recorded(settings: Settings, members: int = 2) -> AsyncIterator[Room]:
    room = Room(settings)
    room.recorder.company(members)
    try:
        yield room
    finally:
        await room.recorder.close()


def only(takes: list[FinishedTake]) -> tuple[str, EndReason, str]:
    """Id of the only one, why it ended, and why it has no sound."""
    (take,) = takes
    end = take.end()
    assert end is not None
    return take.id, end.reason, end.failure


async def test_what_is_mixed_is_in_the_take_until_the_room_is_over(
    settings: Settings,
) -> None:
    order = an_order()
    async with recorded(settings) as room:
        url = room.recorder.begin(order)
        await room.mix.until_recorded()
        room.mix.mixes(ONE, TWO)
        await room.until_written(640)
        assert room.finished() == [], "somebody writes to it"
        room.mix.mixes(TWO)

    assert url.endswith(f"/{order.id}.mp3")
    assert only(room.finished()) == (order.id, EndReason.HANGUP, "")
    assert room.written() == [ONE + TWO + TWO]
    assert room.mix.tapes == []


async def test_one_is_stopped_and_the_other_goes_on(settings: Settings) -> None:
    one, other = an_order(), an_order()
    async with recorded(settings) as room:
        room.recorder.begin(one)
        room.recorder.begin(other)
        await room.mix.until_recorded(2)
        room.mix.mixes(ONE)
        room.recorder.stop(one.id)
        await room.mix.until_recorded(1)
        room.mix.mixes(TWO)
        room.recorder.stop()
        await room.mix.until_recorded(0)

    ends = {take.id: take.end() for take in room.finished()}
    assert {end and end.reason for end in ends.values()} == {EndReason.STOPPED}
    assert ends.keys() == {one.id, other.id}
    assert sorted(room.written()) == [ONE, ONE + TWO]


async def test_one_who_is_alone_is_recorded_unless_the_document_says_no(
    settings: Settings,
) -> None:
    async with recorded(settings, members=1) as room:
        room.recorder.begin(an_order())
        room.recorder.begin(an_order(), when_alone=False)
        await room.mix.until_recorded(2)
        room.mix.mixes(ONE)
        room.recorder.company(2)
        room.mix.mixes(TWO)
        room.recorder.company(1)
        room.mix.mixes(ONE)

    assert sorted(room.written()) == [ONE + TWO + ONE, TWO]


async def test_one_who_always_was_alone_leaves_no_recording_but_a_reason(
    settings: Settings,
) -> None:
    order = an_order()
    async with recorded(settings, members=1) as room:
        room.recorder.begin(order, when_alone=False)
        await room.mix.until_recorded()
        room.mix.mixes(ONE)

    assert only(room.finished()) == (order.id, EndReason.HANGUP, NEVER_TWO)


async def test_a_disk_that_gets_full_ends_the_recording_and_not_the_room(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with recorded(settings) as room:
        room.recorder.begin(an_order())
        await room.mix.until_recorded()
        room.mix.mixes(ONE)
        await room.until_written(320)

        monkeypatch.setattr(spool_module.Take, "write", _no_room)
        room.mix.mixes(TWO)
        await room.mix.until_recorded(0)
        room.mix.mixes(TWO)

    assert only(room.finished())[1] is EndReason.NO_ROOM
    assert room.written() == [ONE], "what was recorded is kept"


async def test_a_disk_that_is_nearly_full_ends_it_with_what_it_has(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with recorded(settings) as room:
        room.recorder.begin(an_order())
        await room.mix.until_recorded()
        monkeypatch.setattr(Spool, "has_room", False)
        room.mix.mixes(ONE)
        await room.mix.until_recorded(0)

    assert only(room.finished())[1] is EndReason.NO_ROOM
    assert room.written() == [ONE]


async def test_one_that_cannot_begin_is_told_of(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be")
    order = an_order()

    async with recorded(settings) as room:
        room.recorder.begin(order)

    (told,) = room.told
    assert told.order == order
    assert told.end_reason is EndReason.NO_ROOM
    assert "nothing can be recorded" in told.failure


def _no_room(take: spool_module.Take, frame: bytes) -> None:
    raise NoRoom("the recording takes no more: No space left on device")
