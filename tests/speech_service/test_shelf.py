"""The cache stays below its bound, and nobody loses what is about to be played."""

import os
from pathlib import Path

import pytest

from voiceplat.core.clock import utc_now
from voiceplat.speech.cache import use
from voiceplat.speech_service.shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path, max_bytes=1000)


def put(shelf: Shelf, name: str, size: int, used_s_ago: float) -> Path:
    path = shelf.folder / "speak" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bytes(size))
    used = utc_now().timestamp() - used_s_ago
    os.utime(path, (used, used))
    return path


async def test_what_was_used_longest_ago_goes_first(shelf: Shelf) -> None:
    files = [put(shelf, f"{n}.wav", 300, 9000 - n) for n in range(3)]
    shelf.open()
    use(files[0])

    await shelf.added(put(shelf, "new.wav", 300, 0))

    assert [file.exists() for file in files] == [True, False, True]


async def test_below_the_bound_nothing_goes(shelf: Shelf) -> None:
    old = put(shelf, "old.wav", 400, 1e6)
    shelf.open()

    await shelf.added(put(shelf, "new.wav", 600, 0))

    assert old.exists()


async def test_what_was_used_a_moment_ago_stays(shelf: Shelf) -> None:
    shelf.open()
    files = [put(shelf, f"{n}.wav", 300, 60) for n in range(5)]

    for file in files:
        await shelf.added(file)

    assert all(file.exists() for file in files)


async def test_the_bound_holds_however_many_files_come(shelf: Shelf) -> None:
    shelf.open()

    for number in range(100):
        await shelf.added(put(shelf, f"{number}.wav", 90, 9000 - number))

    left = sum(file.stat().st_size for file in shelf.folder.rglob("*.wav"))
    assert 800 <= left <= 1000


def test_what_a_crash_left_half_written_is_removed(shelf: Shelf) -> None:
    half = put(shelf, ".half", 10, 7200)
    being_written = put(shelf, ".now", 10, 5)
    prompt = put(shelf, "a.wav", 10, 1e6)

    shelf.open()

    assert [p.exists() for p in (half, being_written, prompt)] == [False, True, True]
