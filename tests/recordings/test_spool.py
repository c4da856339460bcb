"""Takes: begun whole, locked by who writes them, over when that one lets go."""

import os
import select
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.recordings.kept import an_order
from voiceplat.calls.recording import EndReason
from voiceplat.core.errors import NoRoom
from voiceplat.recordings.spool import FinishedTake, Spool, TakeOrder

RATE_HZ = 8000
SECOND = bytes(2 * RATE_HZ)
NOBODY: frozenset[object] = frozenset()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", 0)


def finished(spool: Spool) -> list[FinishedTake]:
    return list(spool.finished(but=frozenset()))


def test_the_order_is_on_the_disk_before_the_first_sample(spool: Spool) -> None:
    order = an_order()

    take = spool.begin(order, rate_hz=RATE_HZ)

    written = (spool.folder / order.id / "order.json").read_bytes()
    assert TakeOrder.model_validate_json(written).order == order
    assert not take.tracks[0].exists()
    take.end(EndReason.HANGUP)


def test_a_take_is_nobody_elses_until_it_has_ended(spool: Spool) -> None:
    take = spool.begin(an_order(), rate_hz=RATE_HZ)
    take.write(SECOND)
    assert finished(spool) == []

    taken = take.end(EndReason.SILENCE)

    (over,) = finished(spool)
    end = over.end()
    assert end is not None
    assert (end.started_at, end.reason) == (taken.started_at, EndReason.SILENCE)
    assert taken.duration == timedelta(seconds=1)
    assert list(spool.finished(but=frozenset({over.id}))) == []


def test_what_was_written_is_a_wav_file_for_whoever_looks_into_the_spool(
    spool: Spool,
) -> None:
    take = spool.begin(an_order(), rate_hz=RATE_HZ)

    take.write(SECOND)
    take.write(SECOND)
    taken = take.end(EndReason.HANGUP)

    assert take.tracks[0].read_bytes()[:4] == b"RIFF"
    assert take.tracks[0].stat().st_size == 44 + 2 * len(SECOND)
    assert taken.duration == timedelta(seconds=2)


def test_no_more_counts_than_the_limit(spool: Spool) -> None:
    order = an_order(limit=timedelta(seconds=1))
    take = spool.begin(order, rate_hz=RATE_HZ)

    take.write(SECOND * 2)

    assert take.end(EndReason.MAX_LENGTH).duration == timedelta(seconds=1)


WRITER = """
import sys, time
from pathlib import Path
from tests.recordings.kept import an_order
from voiceplat.recordings.spool import Spool
take = Spool(Path(sys.argv[1]), 0).begin(an_order(), rate_hz=8000)
take.write(bytes(16000))
print(take.order.id, flush=True)
time.sleep(60)
"""


def test_a_take_of_a_dead_process_is_over_and_has_no_end(spool: Spool) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(spool.folder)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    recording = writer.stdout.readline().strip()
    assert finished(spool) == []

    writer.send_signal(signal.SIGKILL)
    writer.wait()
    writer.stdout.close()

    (take,) = finished(spool)
    assert (take.id, take.end()) == (recording, None)
    assert take.has_audio(take.notes())


def test_takes_come_in_the_order_in_which_they_ended(spool: Spool) -> None:
    takes = [spool.begin(an_order(), rate_hz=RATE_HZ) for _ in range(3)]
    for number, take in enumerate([takes[1], takes[2], takes[0]]):
        take.end(EndReason.HANGUP)
        for file in (spool.folder / take.order.id).iterdir():
            os.utime(file, (number, number))

    over = finished(spool)

    assert [it.id for it in over] == [takes[i].order.id for i in (1, 2, 0)]


def test_a_removed_take_is_gone_at_once(spool: Spool) -> None:
    spool.begin(an_order(), rate_hz=RATE_HZ).end(EndReason.HANGUP)
    (take,) = finished(spool)

    take.remove()

    assert finished(spool) == []
    assert list(spool.folder.iterdir()) == []


def test_what_was_never_begun_and_what_was_half_removed_is_swept_away(
    spool: Spool,
) -> None:
    for name in (".new-1", ".gone-2"):
        (spool.folder / name).mkdir(parents=True)
        (spool.folder / name / "lock").touch()
        os.utime(spool.folder / name, (0, 0))
    (spool.folder / ".new-3").mkdir()  # somebody is just making it
    kept = spool.begin(an_order(), rate_hz=RATE_HZ)

    spool.sweep()

    left = {folder.name for folder in spool.folder.iterdir()}
    assert left == {kept.order.id, ".new-3"}
    kept.end(EndReason.HANGUP)


def test_without_its_reserve_nothing_is_begun(tmp_path: Path) -> None:
    disk = os.statvfs(tmp_path)
    spool = Spool(tmp_path / "spool", disk.f_blocks * disk.f_frsize)

    with pytest.raises(NoRoom, match="nearly full"):
        spool.begin(an_order(), rate_hz=RATE_HZ)

    assert list(spool.folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_no_room(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file")

    with pytest.raises(NoRoom, match="nothing can be recorded"):
        Spool(tmp_path / "spool", 0).begin(an_order(), rate_hz=RATE_HZ)


def test_the_bell_is_heard_by_who_opened_it(spool: Spool) -> None:
    spool.ring()  # nobody is there: nothing happens
    bell = spool.open_bell()

    spool.ring()

    assert select.select([bell], [], [], 0)[0] == [bell]
    os.close(bell)


def test_a_spool_has_one_archive_at_a_time(spool: Spool) -> None:
    assert not spool.is_served

    lock = spool.serve()

    assert lock is not None
    assert spool.is_served
    assert spool.serve() is None
    os.close(lock)
    assert not spool.is_served


def test_an_order_that_comes_twice_leaves_the_first_take_alone(spool: Spool) -> None:
    order = an_order()
    take = spool.begin(order, rate_hz=RATE_HZ)
    take.write(SECOND)

    with pytest.raises(NoRoom):
        spool.begin(order, rate_hz=RATE_HZ)

    assert take.end(EndReason.HANGUP).duration == timedelta(seconds=1)
