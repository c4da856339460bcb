"""From the spool into the store: joined, measured, announced, whatever is away."""

import asyncio
import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
import soundfile

from tests.archive.parts import RATE_HZ, ArchiveParts, archive_parts, until
from tests.calls_e2e.recorded import listened_to
from tests.recordings.kept import an_order
from voiceplat.archive.converter import answer
from voiceplat.calls.recording import EndReason, FileFormat
from voiceplat.core.ids import new_call_uuid
from voiceplat.telephony.listen import write_tone

pytestmark = pytest.mark.real_time


@pytest.fixture
def parts(tmp_path: Path) -> ArchiveParts:
    return archive_parts(tmp_path)


@pytest.mark.parametrize("kind", list(FileFormat))
async def test_what_is_over_is_stored_announced_and_gone_from_the_spool(
    kind: FileFormat, parts: ArchiveParts
) -> None:
    order = parts.recorded(an_order(format=kind))

    async with parts.running():
        (recording,) = await parts.until_announced(1)

    content = parts.kept(order).read_bytes()
    assert recording.order == order
    assert recording.duration == timedelta(seconds=1)
    assert recording.end_reason is EndReason.HANGUP
    assert recording.size_bytes == len(content)
    assert recording.sha256 == hashlib.sha256(content).hexdigest()
    assert listened_to(content).kind == kind.upper()
    assert listened_to(content).seconds == pytest.approx(1, abs=0.001)
    assert parts.spooled == []


async def test_who_is_still_writing_is_left_alone(parts: ArchiveParts) -> None:
    writing = parts.take()

    async with parts.running():
        parts.recorded()
        await parts.until_announced(1)
        assert parts.spooled == [writing.order.id]
        writing.end(EndReason.STOPPED)
        await parts.until_announced(2)


async def test_a_storage_that_is_away_is_waited_for(parts: ArchiveParts) -> None:
    parts.keeper.away = True
    order = parts.recorded()

    async with parts.running():
        await until(lambda: parts.keeper.asked > 2)
        assert parts.announced == []
        assert not parts.kept(order).exists()
        parts.keeper.away = False
        await parts.until_announced(1)

    assert parts.kept(order).exists()
    assert parts.spooled == []


async def test_a_redis_that_is_away_is_waited_for(parts: ArchiveParts) -> None:
    parts.redis_away = True
    order = parts.recorded()

    async with parts.running():
        await until(parts.kept(order).exists)
        assert parts.spooled == [order.id]
        parts.redis_away = False
        await parts.until_announced(1)

    assert len(parts.announced) == 1


async def test_recordings_of_one_call_come_in_the_order_in_which_they_ended(
    parts: ArchiveParts,
) -> None:
    call = new_call_uuid()
    orders = [an_order(call_uuid=call) for _ in range(4)]
    takes = [parts.take(order, seconds=4 - n) for n, order in enumerate(orders)]

    async with parts.running():
        for take in takes:
            take.end(EndReason.HANGUP)
            await asyncio.sleep(0.02)
        announced = await parts.until_announced(4)

    assert [recording.order.id for recording in announced] == [it.id for it in orders]


async def test_what_ends_when_the_archive_is_told_to_stop_is_archived(
    parts: ArchiveParts,
) -> None:
    async with parts.running() as stop:
        orders = [parts.recorded() for _ in range(3)]
        stop.set()

    assert {it.order.id for it in parts.announced} == {order.id for order in orders}


async def test_a_take_whose_order_cannot_be_read_is_set_aside(
    parts: ArchiveParts,
) -> None:
    broken = parts.recorded()
    (parts.spool.folder / broken.id / "order.json").write_text("{")

    async with parts.running():
        parts.recorded()
        await parts.until_announced(1)
        await until(lambda: broken.id not in parts.spooled)

    assert (parts.data / "unusable" / broken.id / "mix.wav").exists()


async def test_a_recording_that_has_no_sound_says_why(parts: ArchiveParts) -> None:
    take = parts.spool.begin(an_order(), rate_hz=RATE_HZ)
    take.end(EndReason.HANGUP, "there is no media yet")

    async with parts.running():
        (recording,) = await parts.until_announced(1)

    assert recording.failure == "there is no media yet"
    assert not parts.kept(take.order).exists()


async def test_a_take_that_was_killed_at_once_is_a_short_silence(
    parts: ArchiveParts,
) -> None:
    take = parts.spool.begin(an_order(), rate_hz=RATE_HZ)
    take.end(EndReason.LOST)

    async with parts.running():
        (recording,) = await parts.until_announced(1)

    assert recording.duration == timedelta(0)
    file = listened_to(parts.kept(take.order).read_bytes())
    assert file.seconds == pytest.approx(0.1, abs=0.01)


def converted(
    folder: Path, kind: str, *tracks: Path, limit: int = 1 << 40
) -> dict[str, object]:
    return answer(
        {
            "tracks": [str(track) for track in tracks],
            "target": str(folder / f"made.{kind}"),
            "kind": kind,
            "rate_hz": RATE_HZ,
            "frames_max": limit,
        }
    )


@pytest.mark.parametrize("kind", ["mp3", "wav"])
def test_tracks_become_channels_and_nothing_of_one_is_in_the_other(
    kind: str, tmp_path: Path
) -> None:
    left = write_tone(tmp_path / "left.wav", 500, 3)
    right = write_tone(tmp_path / "right.wav", 900, 2)

    made = converted(tmp_path, kind, left, right)

    file = listened_to((tmp_path / f"made.{kind}").read_bytes())
    assert made["frames"] == 3 * RATE_HZ
    assert file.seconds == pytest.approx(3, abs=0.001)
    assert file.only(0, 500)
    assert file.only(1, 900)
    assert file.hears(1, 900) == pytest.approx(2, abs=0.1)


def test_a_header_that_was_never_finished_is_not_believed(tmp_path: Path) -> None:
    track = write_tone(tmp_path / "track.wav", 500, 2)
    content = bytearray(track.read_bytes())
    content[4:8] = content[40:44] = bytes(4)
    track.write_bytes(bytes(content)[:-1])

    made = converted(tmp_path, "wav", track)

    assert made["frames"] == 2 * RATE_HZ - 1


def test_what_is_beyond_the_limit_is_cut(tmp_path: Path) -> None:
    track = write_tone(tmp_path / "track.wav", 500, 2)

    made = converted(tmp_path, "wav", track, limit=RATE_HZ)

    assert made["frames"] == RATE_HZ
    with soundfile.SoundFile(tmp_path / "made.wav") as sound:
        assert sound.frames == RATE_HZ


def test_a_disk_that_takes_no_more_is_an_error_and_no_end(tmp_path: Path) -> None:
    track = write_tone(tmp_path / "track.wav", 500, 1)

    made = converted(tmp_path / "missing", "wav", track)

    assert json.dumps(made)
    assert "error" in made
