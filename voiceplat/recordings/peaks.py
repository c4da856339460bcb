"""How loud a recording is, stretch by stretch: what its picture is drawn from."""

import io
from typing import Final

import numpy as np
import soundfile

from voiceplat.core.errors import MediaError

STRETCHES: Final = 400
LOUDEST: Final = 100
_BLOCK_FRAMES: Final = 1 << 16

Peaks = list[list[int]]
"""For each channel, for each stretch, its loudest sample: 0 to 100."""


def peaks_of(content: bytes, stretches: int = STRETCHES) -> Peaks:
    """Of an MP3 or WAV file, decoded block by block. Raises MediaError."""
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as sound:
            return _loudest(sound, stretches)
    except soundfile.SoundFileError as error:
        raise MediaError(f"the recording cannot be decoded: {error}") from error


def _loudest(sound: soundfile.SoundFile, stretches: int) -> Peaks:
    frames = max(1, sound.frames)
    peaks = np.zeros((stretches, sound.channels), np.float32)
    done = 0
    for block in sound.blocks(_BLOCK_FRAMES, dtype="float32", always_2d=True):
        places = (np.arange(done, done + len(block)) * stretches // frames).clip(
            0, stretches - 1
        )
        firsts = np.flatnonzero(np.diff(places, prepend=-1))
        loudest = np.maximum.reduceat(np.abs(block), firsts)
        found = places[firsts]
        peaks[found] = np.maximum(peaks[found], loudest)
        done += len(block)
    scaled = (peaks.clip(0, 1) * LOUDEST).round().astype(int)
    return [[int(it) for it in channel] for channel in scaled.T]
