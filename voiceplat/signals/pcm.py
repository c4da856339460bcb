"""Frames as numbers: 16-bit mono little-endian in, samples and levels out.

Levels are RMS against a full-scale square wave: the loudest sine is at -3 dBFS, one of
0 dBm0 through G.711 at -6 dBFS.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

FULL_SCALE: Final = 32768.0
FRAME_MS: Final = 20

Samples = npt.NDArray[np.float32]


def samples(frame: bytes) -> Samples:
    """The samples of a frame as they are, -32768 to 32767."""
    return np.frombuffer(frame, dtype="<i2").astype(np.float32)


def rms(heard: Samples) -> float:
    """Root of the mean square; 0 for nothing at all."""
    return float(np.sqrt(np.dot(heard, heard) / len(heard))) if len(heard) else 0.0


def rms_of(dbfs: float) -> float:
    """The RMS that is so many dBFS."""
    return float(FULL_SCALE * 10 ** (dbfs / 20))
