"""What a recording sounds like: the pure tones in it, and where it is silent.

Windows of 40 ms every 10 ms: an edge is right to 20 ms, a frequency to 2 Hz.
"""

import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

WINDOW_S: Final = 0.04
HOP_S: Final = 0.01
FFT_POINTS: Final = 8192
QUIET_RMS: Final = 60.0
"""Of 32768: above the noise of G.711, below any prompt."""
PURITY: Final = 0.6
"""Part of a window's energy that lies around its peak, for it to be a tone."""
SAME_HZ: Final = 12.0

Samples = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tone:
    start_s: float
    end_s: float
    hz: float

    @property
    def seconds(self) -> float:
        return self.end_s - self.start_s


@dataclass(frozen=True, slots=True)
class Silence:
    start_s: float
    end_s: float

    @property
    def seconds(self) -> float:
        return self.end_s - self.start_s


def tones(wav: Path, *, shortest_s: float = 0.05) -> list[Tone]:
    """The tones in order; two at once, speech and noise are none."""
    samples, rate = read(wav)
    runs: list[list[tuple[float, float]]] = []
    for start, window in _windows(samples, rate):
        hz = _pitch(window, rate)
        if hz is None:
            continue
        now, before = (start + WINDOW_S / 2, hz), runs[-1][-1] if runs else None
        if before and now[0] - before[0] < HOP_S * 2 and abs(hz - before[1]) < SAME_HZ:
            runs[-1].append(now)
        else:
            runs.append([now])
    heard = [
        Tone(
            start_s=run[0][0] - HOP_S / 2,
            end_s=run[-1][0] + HOP_S / 2,
            hz=float(np.median([hz for _, hz in run])),
        )
        for run in runs
    ]
    return [tone for tone in heard if tone.seconds >= shortest_s]


def silences(wav: Path, *, shortest_s: float = 0.05) -> list[Silence]:
    samples, rate = read(wav)
    heard: list[Silence] = []
    for start, window in _windows(samples, rate):
        if _rms(window) > QUIET_RMS:
            continue
        middle = start + WINDOW_S / 2
        if heard and middle - heard[-1].end_s < HOP_S * 2:
            heard[-1] = Silence(heard[-1].start_s, middle + HOP_S / 2)
        else:
            heard.append(Silence(middle - HOP_S / 2, middle + HOP_S / 2))
    return [silence for silence in heard if silence.seconds >= shortest_s]


def seconds(wav: Path) -> float:
    """Length of the recording."""
    samples, rate = read(wav)
    return len(samples) / rate


def read(wav: Path) -> tuple[Samples, int]:
    """Samples of a 16-bit mono file, and their rate."""
    with wave.open(str(wav), "rb") as file:
        raw = file.readframes(file.getnframes())
        return np.frombuffer(raw, dtype="<i2").astype(np.float64), file.getframerate()


def write_tone(wav: Path, hz: float, length_s: float, rate: int = 8000) -> Path:
    """A sine for others to hear; returns `wav`."""
    wave_form = np.sin(2 * np.pi * hz * np.arange(int(rate * length_s)) / rate)
    with wave.open(str(wav), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((wave_form * 8000).astype("<i2").tobytes())
    return wav


def _windows(samples: Samples, rate: int) -> list[tuple[float, Samples]]:
    width, hop = int(rate * WINDOW_S), int(rate * HOP_S)
    starts = range(0, len(samples) - width + 1, hop)
    return [(start / rate, samples[start : start + width]) for start in starts]


def _rms(window: Samples) -> float:
    return float(np.sqrt(np.mean(window**2)))


def _pitch(window: Samples, rate: int) -> float | None:
    """Frequency of the window's tone; None when it is quiet or no pure tone."""
    if _rms(window) <= QUIET_RMS:
        return None
    shaped = window * np.hanning(len(window))
    power = np.abs(np.fft.rfft(shaped, FFT_POINTS)) ** 2
    peak = int(np.argmax(power))
    reach = int(2.5 / WINDOW_S / rate * FFT_POINTS)
    around = power[max(0, peak - reach) : peak + reach + 1].sum()
    if around < PURITY * power.sum():
        return None
    return peak * rate / FFT_POINTS
