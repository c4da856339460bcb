"""The child program that decodes audio nobody vouches for.

It says that it is ready, then reads one JSON order a line on stdin and answers one JSON
line on stdout. It runs with no environment and bounded memory, processor time and
output; a file that kills it kills nothing else. Sound is decoded in blocks, so an hour
needs no more memory than a second.
"""

import json
import resource
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import soundfile
import soxr

from voiceplat.core.errors import MediaError
from voiceplat.speech.audio import pcm16
from voiceplat.speech.engine import Samples

_MEMORY_BYTES: Final = 1 << 30
_BLOCK_FRAMES: Final = 1 << 16
_RATES_HZ: Final = range(4000, 192001)
_CHANNELS: Final = range(1, 9)
_FORMATS: Final = frozenset({"WAV", "WAVEX", "RF64", "MP3"})

_SHORTEST_S: Final = 0.1
"""A player takes an empty file for a broken one."""

_KNOWN_BEGINNINGS: Final = (
    (b"OggS", "Ogg"),
    (b"fLaC", "FLAC"),
    (b"FORM", "AIFF"),
    (b".snd", "AU"),
    (b"#!AMR", "AMR"),
    (b"\x1aE\xdf\xa3", "WebM"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PK", "a zip archive"),
    (b"<", "HTML or XML text"),
    (b"{", "JSON text"),
)
"""Beginnings of what people serve by mistake, so that the error can name it."""


def decode(source: Path, target: Path, rate_hz: int, duration_max_s: float) -> None:
    """Write `source` (MP3 or WAV) to `target` as WAV, 16-bit mono at `rate_hz`.

    Raises MediaError, which says what is wrong with the source.
    """
    _refuse_other_formats(source)
    try:
        with soundfile.SoundFile(source) as sound:
            _refuse_odd_sound(sound)
            with wave.open(str(target), "wb") as wav:
                wav.setnchannels(1)
                wav.setsampwidth(2)
                wav.setframerate(rate_hz)
                _copy(_at_rate(sound, rate_hz), wav, rate_hz, duration_max_s)
    except soundfile.SoundFileError as error:
        raise MediaError(f"it cannot be decoded: {error}") from error
    except MemoryError as error:
        raise MediaError("decoding it takes too much memory") from error


def _copy(
    blocks: Iterator[Samples], wav: wave.Wave_write, rate_hz: int, duration_max_s: float
) -> None:
    written = 0
    for block in blocks:
        written += len(block)
        if written > duration_max_s * rate_hz:
            raise MediaError(f"it is longer than {duration_max_s:g} s")
        wav.writeframesraw(pcm16(block))
    if not written:
        raise MediaError("there is no sound in it")
    wav.writeframesraw(bytes(2 * max(0, int(_SHORTEST_S * rate_hz) - written)))


def _at_rate(sound: soundfile.SoundFile, rate_hz: int) -> Iterator[Samples]:
    """The sound as mono blocks at `rate_hz`."""
    stream = soxr.ResampleStream(sound.samplerate, rate_hz, 1, dtype="float32")
    while len(block := sound.read(_BLOCK_FRAMES, dtype="float32", always_2d=True)):
        mono = np.ascontiguousarray(block.mean(axis=1), np.float32)
        yield stream.resample_chunk(np.nan_to_num(mono))
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _refuse_other_formats(source: Path) -> None:
    """Keeps the many other parsers of libsndfile away from strangers' files."""
    with source.open("rb") as file:
        beginning = file.read(12)
    if not beginning:
        raise MediaError("it is empty")
    wav = beginning[:4] in {b"RIFF", b"RF64"} and beginning[8:12] == b"WAVE"
    mp3 = beginning[:3] == b"ID3" or (
        beginning[0] == 0xFF and len(beginning) > 1 and beginning[1] & 0xE0 == 0xE0
    )
    if wav or mp3:
        return
    text = beginning.lstrip()
    name = next(
        (name for start, name in _KNOWN_BEGINNINGS if text.startswith(start)), ""
    )
    if beginning[4:8] == b"ftyp":
        name = "MP4"
    raise MediaError("it is neither MP3 nor WAV" + (f" but {name}" if name else ""))


def _refuse_odd_sound(sound: soundfile.SoundFile) -> None:
    if sound.format not in _FORMATS:
        raise MediaError(f"it is {sound.format}, not MP3 or WAV")
    if sound.samplerate not in _RATES_HZ:
        raise MediaError(f"its rate of {sound.samplerate} Hz is not played")
    if sound.channels not in _CHANNELS:
        raise MediaError(f"its {sound.channels} channels are not played")


def answer(order: dict[str, Any]) -> dict[str, str]:
    """Carry out one order; `error` is empty when the target has been written."""
    _allow_more_processor_time(order["timeout_s"])
    try:
        decode(
            Path(order["source"]),
            Path(order["target"]),
            order["rate_hz"],
            order["duration_max_s"],
        )
    except MediaError as error:
        return {"error": str(error)}
    return {"error": ""}


def _allow_more_processor_time(seconds: int) -> None:
    """The limit counts the life of the process; move it on for this order."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds + 1, hard))


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _say({"ready": "yes"})
    for line in sys.stdin:
        _say(answer(json.loads(line)))


def _say(line: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
