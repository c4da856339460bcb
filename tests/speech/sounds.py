"""Sounds to serve and to play, and what a listener makes of them."""

import io
import wave
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray


class Heard(NamedTuple):
    rate_hz: int
    channels: int
    sample_bytes: int
    seconds: float
    loudest_hz: float
    level: float
    """Root mean square, 1.0 is full scale."""


def tone(
    hz: float, seconds: float, rate_hz: int = 8000, channels: int = 1
) -> NDArray[np.float32]:
    """A sine at half of full scale; frames by channels."""
    moments = np.arange(int(seconds * rate_hz)) / rate_hz
    one = 0.5 * np.sin(2 * np.pi * hz * moments)
    return np.repeat(one[:, None], channels, axis=1).astype(np.float32)


def wav(samples: NDArray[np.float32], rate_hz: int, subtype: str = "PCM_16") -> bytes:
    return _encoded(samples, rate_hz, "WAV", subtype)


def mp3(samples: NDArray[np.float32], rate_hz: int) -> bytes:
    return _encoded(samples, rate_hz, "MP3", "MPEG_LAYER_III")


def listen(path: Path) -> Heard:
    """A WAV as the call workers' player reads it."""
    with wave.open(str(path)) as file:
        rate_hz, frames = file.getframerate(), file.getnframes()
        channels, width = file.getnchannels(), file.getsampwidth()
        pcm = np.frombuffer(file.readframes(frames), np.int16) / 32768
    spectrum = np.abs(np.fft.rfft(pcm * np.hanning(len(pcm))))
    loudest = float(np.fft.rfftfreq(len(pcm), 1 / rate_hz)[spectrum.argmax()])
    level = float(np.sqrt(np.mean(pcm**2)))
    return Heard(rate_hz, channels, width, frames / rate_hz, loudest, level)


def voice_hz(sound: NDArray[np.floating]) -> float:
    """The fundamental of a voice at 8 kHz, by the autocorrelation of voiced moments."""
    frames = [sound[at : at + 480] for at in range(0, len(sound) - 480, 160)]
    loudest = max(float(np.sum(frame**2)) for frame in frames)
    loud = [frame for frame in frames if np.sum(frame**2) > 0.1 * loudest]
    found = [hz for hz, clarity in map(_pitch, loud) if clarity > 0.5]
    assert len(found) > 10
    return float(np.exp(np.mean(np.log(found))))


def _pitch(frame: NDArray[np.floating]) -> tuple[float, float]:
    """In Hz, and how clear it is; 1.0 is a pure tone."""
    likeness = np.correlate(frame, frame, "full")[len(frame) - 1 :]
    shortest, longest = 8000 // 400, 8000 // 70
    period = shortest + int(likeness[shortest:longest].argmax())
    return 8000 / period, float(likeness[period] / likeness[0])


def _encoded(
    samples: NDArray[np.float32], rate_hz: int, form: str, subtype: str
) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format=form, subtype=subtype)
    return file.getvalue()
