"""Sounds that are played into a room: WAV files, given frame by frame."""

import asyncio
import wave
from collections.abc import Collection, Sequence
from pathlib import Path
from threading import Lock
from typing import Final
from weakref import WeakValueDictionary

import numpy as np
import numpy.typing as npt

from voiceplat.core.errors import MediaError
from voiceplat.mixer.half_band import Halver

ROOM_RATE_HZ: Final = 8000
FRAME: Final = ROOM_RATE_HZ // 50
"""Samples in 20 ms."""

Samples = npt.NDArray[np.int16]

_in_use: Final = WeakValueDictionary[tuple[tuple[Path, int], ...], Samples]()
"""What is being played, by files and when they were changed."""
_reading: Final = Lock()


class Sound:
    """A sound and how far it is."""

    def __init__(
        self, samples: Samples, *, to: Collection[int] | None, loop: bool
    ) -> None:
        """`to` are the members who alone hear it; None: it is the room's."""
        self.to = None if to is None else frozenset(to)
        self.over = asyncio.Event()
        """Set with its last frame."""
        self._samples = samples
        self._loop = loop
        self._at = 0

    def next_frame(self) -> Samples:
        """20 ms of it; silence after its end."""
        at, self._at = self._at, self._at + FRAME
        if self._loop:
            return self._samples.take(np.arange(at, self._at), mode="wrap")
        if self._at >= len(self._samples):
            self.over.set()
        frame = self._samples[at : self._at]
        short_by = FRAME - len(frame)
        return np.pad(frame, (0, short_by)) if short_by else frame


async def read(audio: Sequence[Path]) -> Samples:
    """The files one after the other, at the room's rate.

    Raises MediaError when one is no WAV file of 16 bits, mono, at 8 or 16 kHz.
    """
    return await asyncio.to_thread(_joined, audio)


def _joined(audio: Sequence[Path]) -> Samples:
    """Whoever plays the same shares it: all who wait may hear one long music."""
    key = tuple((path, _changed_ns(path)) for path in audio)
    with _reading:
        samples = _in_use.get(key)
        if samples is None:
            parts = map(_samples_of, audio)
            samples = np.concatenate([np.zeros(0, np.int16), *parts])
            _in_use[key] = samples
        return samples


def _changed_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise MediaError(f"{path} cannot be played: {error}") from error


def _samples_of(path: Path) -> Samples:
    try:
        with wave.open(str(path), "rb") as file:
            form = (file.getnchannels(), 8 * file.getsampwidth(), file.getframerate())
            pcm = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise MediaError(f"{path} cannot be played: {error}") from error
    match form:
        case (1, 16, 8000):
            return np.frombuffer(pcm, "<i2").astype(np.int16)
        case (1, 16, 16000):
            return _halved(np.frombuffer(pcm, "<i2").astype(np.int16))
    raise MediaError(
        f"{path} cannot be played: it has {form[0]} channels of {form[1]} bits at "
        f"{form[2]} Hz; a room takes 1 of 16 bits at 8000 or 16000 Hz"
    )


def _halved(samples: Samples) -> Samples:
    halver = Halver()
    halver.add()
    return halver.halved(samples[: len(samples) // 2 * 2].reshape(1, -1)).reshape(-1)
