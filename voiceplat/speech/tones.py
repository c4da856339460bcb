"""The sounds that need no words: made once, kept beside the prompts."""

from pathlib import Path
from typing import Final

import numpy as np

from voiceplat.calls.session import Tone
from voiceplat.speech.audio import pcm16, write_wav
from voiceplat.speech.engine import Samples

_LOUDNESS: Final = 0.25
_EDGE_S: Final = 0.01
"""Faded in and out, so that it does not click."""

_MADE_OF: Final = {
    Tone.BEEP: ((1000,), 0.25, 0.0),
    Tone.RINGBACK: ((440, 480), 2.0, 4.0),
}
"""Frequencies, seconds of sound, seconds of silence after it; ringback is the American
one."""


def write_tone(path: Path, tone: Tone, rate_hz: int) -> None:
    frequencies, sound_s, silence_s = _MADE_OF[tone]
    silence = bytes(2 * int(silence_s * rate_hz))
    write_wav(path, pcm16(_sound(frequencies, sound_s, rate_hz)) + silence, rate_hz)


def beep(seconds: float, rate_hz: int) -> Samples:
    """The tone of Tone.BEEP, as long as it must be."""
    return _sound(_MADE_OF[Tone.BEEP][0], seconds, rate_hz)


def _sound(frequencies: tuple[int, ...], seconds: float, rate_hz: int) -> Samples:
    moments = np.arange(int(seconds * rate_hz)) / rate_hz
    edge = np.clip(np.minimum(moments, seconds - moments) / _EDGE_S, 0.0, 1.0)
    waves = sum(np.sin(2 * np.pi * hz * moments) for hz in frequencies)
    return np.asarray(waves * edge * _LOUDNESS / len(frequencies), np.float32)
