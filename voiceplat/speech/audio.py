"""Sound as the call workers play it: WAV, 16-bit, mono, at one rate.

Files are written aside and renamed, so that a reader finds a whole file or none.
"""

import os
import wave
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Final

import numpy as np
import soundfile
import soxr

from voiceplat.core.errors import MediaError
from voiceplat.speech.engine import RECOGNISER_RATE_HZ, Samples

_SHORTEST_S: Final = 0.1
"""A player takes an empty file for a broken one; silence of this length is played."""


def join(sounds: Iterable[Samples], rate_hz: int) -> bytes:
    """The sounds, which are at `rate_hz`, one after another, as 16-bit samples."""
    silence = bytes(2 * int(_SHORTEST_S * rate_hz))
    joined = b"".join(map(pcm16, sounds))
    return joined if len(joined) >= len(silence) else joined.ljust(len(silence), b"\0")


def resample(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    if from_hz == to_hz:
        return samples
    return np.asarray(soxr.resample(samples, from_hz, to_hz), np.float32)


def pcm16(samples: Samples) -> bytes:
    scaled = np.clip(samples * 32768.0, -32768, 32767)
    return bytes(scaled.astype("<i2").data)


def write_wav(path: Path, pcm: bytes, rate_hz: int) -> None:
    """Write 16-bit mono samples to `path`, whole or not at all."""
    with whole_file(path) as raw, wave.open(raw, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(rate_hz)
        wav.writeframes(pcm)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that becomes `path` when the block has ended well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        try:
            yield file
            os.fchmod(file.fileno(), 0o644)
            file.flush()
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def read_for_recognition(path: Path) -> Samples:
    """Any WAV as the recognisers take it. Raises MediaError when it is none."""
    try:
        frames, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, soundfile.SoundFileError) as error:
        raise MediaError(f"{path} cannot be read: {error}") from error
    return resample(frames.mean(axis=1), rate_hz, RECOGNISER_RATE_HZ)
