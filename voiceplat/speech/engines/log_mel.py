"""The log-mel spectrogram that Whisper was trained on, in numpy.

80 mel bands (Slaney's scale and area norm) of 25 ms Hann windows every 10 ms of 16 kHz
sound; log10, floored 80 dB below the loudest, scaled as (x + 4) / 4.
"""

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voiceplat.speech.engine import RECOGNISER_RATE_HZ, Samples

HOP: Final = 160
_WINDOW: Final = 400
_BANDS: Final = 80
_QUIETEST: Final = 1e-10

_LINEAR_HZ_PER_MEL: Final = 200 / 3
_LOG_FROM_HZ: Final = 1000.0
_LOG_FROM_MEL: Final = _LOG_FROM_HZ / _LINEAR_HZ_PER_MEL
_LOG_STEP: Final = np.log(6.4) / 27


def log_mel(samples: Samples, frames: int) -> NDArray[np.float32]:
    """`frames` columns of 80 bands; `samples` is cut, or filled with silence."""
    sound = np.zeros(frames * HOP, np.float32)
    sound[: len(samples)] = samples[: len(sound)]
    padded = np.pad(sound, _WINDOW // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP][:frames]
    power = np.abs(np.fft.rfft(windows * _hann(), axis=1)) ** 2
    bands = np.log10(np.maximum(_filters() @ power.T, _QUIETEST))
    floored = np.maximum(bands, bands.max() - 8.0)
    return np.ascontiguousarray((floored + 4.0) / 4.0, dtype=np.float32)


@lru_cache(maxsize=1)
def _hann() -> NDArray[np.float64]:
    return np.hanning(_WINDOW + 1)[:-1]


@lru_cache(maxsize=1)
def _filters() -> NDArray[np.float64]:
    """Triangles over the FFT's bins, one row per band, each of the same area."""
    bins = np.fft.rfftfreq(_WINDOW, 1 / RECOGNISER_RATE_HZ)
    top = _to_mel(RECOGNISER_RATE_HZ / 2)
    corners = _to_hz(np.linspace(0.0, top, _BANDS + 2))
    low, peak, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    rising = (bins - low) / (peak - low)
    falling = (high - bins) / (high - peak)
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(triangles * (2.0 / (high - low)))


def _to_mel(hz: float) -> float:
    if hz < _LOG_FROM_HZ:
        return hz / _LINEAR_HZ_PER_MEL
    return float(_LOG_FROM_MEL + np.log(hz / _LOG_FROM_HZ) / _LOG_STEP)


def _to_hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    straight = mel * _LINEAR_HZ_PER_MEL
    curved = _LOG_FROM_HZ * np.exp(_LOG_STEP * (mel - _LOG_FROM_MEL))
    return np.where(mel < _LOG_FROM_MEL, straight, curved)
