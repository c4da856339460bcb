"""Where prepared audio lies, and how its use is told."""

import os
from pathlib import Path

import pytest

from voiceplat.calls.script import Manner, Script, Words, plain
from voiceplat.speech.cache import (
    Download,
    download_path,
    normalise,
    prompt_path,
    sound_path,
    use,
)
from voiceplat.speech.voices import Cast, Choice

ANNA = Choice("engine", "1.0", "anna")
LOUD = Script((Words("hello", Manner(volume_db=6)),))
LONG_AGO = 1_000_000.0


def test_texts_that_sound_alike_are_one_text() -> None:
    assert normalise(plain("  Cafe\u0301 \n au\tlait ")) == plain("Café au lait")


def test_everything_that_is_heard_is_in_the_path(tmp_path: Path) -> None:
    paths = {
        prompt_path(tmp_path, Cast(ANNA, "en-us"), plain("hello"), 8000),
        prompt_path(tmp_path, Cast(ANNA, "en-us"), plain("hello"), 16000),
        prompt_path(tmp_path, Cast(ANNA, "en-us"), plain("hallo"), 8000),
        prompt_path(
            tmp_path,
            Cast(Choice("engine", "1.1", "anna"), "en-us"),
            plain("hello"),
            8000,
        ),
        prompt_path(
            tmp_path,
            Cast(Choice("engine", "1.0", "otto"), "en-us"),
            plain("hello"),
            8000,
        ),
        prompt_path(
            tmp_path,
            Cast(Choice("motor", "1.0", "anna"), "en-us"),
            plain("hello"),
            8000,
        ),
        prompt_path(tmp_path, Cast(ANNA, "en-gb"), plain("hello"), 8000),
        prompt_path(tmp_path, Cast(ANNA, "en-us"), LOUD, 8000),
        sound_path(tmp_path, "hello", 8000),
        sound_path(tmp_path, "hello", 16000),
        download_path(tmp_path, "http://a/", 8000),
    }

    assert len(paths) == 11
    assert prompt_path(tmp_path, Cast(ANNA, "en-us"), plain("hello"), 8000) in paths


def test_a_file_that_is_used_counts_as_new(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    file.touch()
    os.utime(file, (LONG_AGO, LONG_AGO))

    assert use(file)
    assert file.stat().st_mtime > LONG_AGO


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    assert not use(tmp_path / "a.wav")
    assert list(tmp_path.iterdir()) == []


def test_a_download_is_remembered_with_its_audio(tmp_path: Path) -> None:
    sound, record = tmp_path / "a.wav", tmp_path / "a.json"
    sound.touch()
    download = Download(str(sound), 123.0, etag='"x"')
    record.write_bytes(download.to_json())

    assert Download.read(record) == download


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"sound": "x"}'])
def test_a_damaged_record_is_no_record(tmp_path: Path, content: bytes) -> None:
    record = tmp_path / "a.json"
    record.write_bytes(content)

    assert Download.read(record) is None


def test_a_record_whose_audio_is_gone_is_no_record(tmp_path: Path) -> None:
    record = tmp_path / "a.json"
    record.write_bytes(Download(str(tmp_path / "gone.wav"), 123.0).to_json())

    assert Download.read(record) is None
