"""The beep after which a voicemail records: one steady tone, then silence.

Speech and most music are no pure tone, nor are dial and ringing tones of two
frequencies. What tells a beep from a melody, or from the three tones of an intercept,
is that no other tone leads to it and that silence follows. Tones of 390 to 465 Hz are
left out, for that is how most countries ring, and 2100 Hz, which is how a fax answers.
"""

from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from voiceplat.signals.pcm import FRAME_MS, Samples, rms, samples

LOWEST_HZ: Final = 350.0
HIGHEST_HZ: Final = 2500.0
NO_BEEPS_HZ: Final = ((390.0, 465.0), (2080.0, 2120.0))
PURITY: Final = 0.95
"""Part of a window's energy that one sine must explain."""
SAME_PITCH: Final = 0.015
NOTE_MS: Final = 100
"""A tone of less is a moment of somebody's speech."""
PARTS_MAX: Final = 2
"""Some beep twice; what goes on is the cadence of a tone, and no beep."""
FAR_BELOW: Final = 0.125
"""18 dB: so far below a beep, the noise of a line is silence."""
WINDOW_FRAMES: Final = 2
FFT_POINTS: Final = 1024
SHORTEST_MS: Final = FRAME_MS * WINDOW_FRAMES
EDGE_MS: Final = 40
"""Where a tone begins and ends, windows hold half of it and half of what is beside."""


@dataclass(frozen=True, slots=True)
class BeepShape:
    """What counts as a beep; the fields are the words of `<Wait beep="…">`."""

    duration: int = 200
    """Shortest tone, in ms."""
    inter_silence: int = 50
    """A break in the tone of no more ms does not end it."""
    intra_silence: int = 500
    """Silence that must follow the tone, in ms."""
    threshold: int = 256
    """RMS of 16-bit samples: less is silence."""

    @classmethod
    def of(cls, text: str) -> Self:
        """`duration=300,threshold=256`; what is not said is as usual."""
        items = (item.partition("=") for item in text.split(",") if "=" in item)
        return replace(cls(), **{name: int(value) for name, _, value in items})


@dataclass(slots=True)
class _Tone:
    """The tone that is heard, or was heard last."""

    hz: float
    rms: float
    ms: int = SHORTEST_MS
    parts: int = 1
    is_music: bool = False
    """Another tone led to it, or other sound followed."""


class BeepDetector:
    """Hears one leg; give it every frame."""

    def __init__(self, shape: BeepShape | None = None, rate_hz: int = 8000) -> None:
        self._shape = shape or BeepShape()
        self._rate_hz = rate_hz
        self._kept: list[Samples] = []
        self._tone: _Tone | None = None
        self._since_ms = 0
        """How long ago the tone was heard last."""
        self._silent_ms = 0
        self._other_ms = 0
        """How long there has been sound that is no tone."""

    def hear(self, frame: bytes) -> bool:
        """Whether a beep is over with this frame."""
        self._kept = [*self._kept[1 - WINDOW_FRAMES :], samples(frame)]
        loudness = rms(self._kept[-1])
        if loudness >= self._shape.threshold:
            hz = _pitch(np.concatenate(self._kept), self._rate_hz)
            if hz is not None:
                self._sounds(hz, loudness)
                return False
        return self._tone is not None and self._is_over(self._tone, loudness)

    def _sounds(self, hz: float, loudness: float) -> None:
        tone = self._tone
        if tone is None:
            self._tone = _Tone(hz, loudness)
        elif not _same(hz, tone.hz):
            self._tone = _Tone(hz, loudness, is_music=tone.ms >= NOTE_MS)
        elif self._since_ms <= self._shape.inter_silence + EDGE_MS:
            tone.ms += FRAME_MS + self._since_ms
            tone.rms = max(tone.rms, loudness)
        else:
            tone.parts += 1
        self._since_ms = self._silent_ms = self._other_ms = 0

    def _is_over(self, tone: _Tone, loudness: float) -> bool:
        """After a tone: whether the silence has made it a beep."""
        self._since_ms += FRAME_MS
        is_silent = loudness < max(self._shape.threshold, tone.rms * FAR_BELOW)
        self._silent_ms = self._silent_ms + FRAME_MS if is_silent else 0
        self._other_ms = 0 if is_silent else self._other_ms + FRAME_MS
        if self._other_ms > EDGE_MS:
            tone.is_music = True
        needed = self._shape.intra_silence
        if self._silent_ms < needed and self._since_ms < needed + EDGE_MS:
            return False
        return self._take(tone)

    def _take(self, tone: _Tone) -> bool:
        """Whether it was a beep; it is forgotten."""
        self._tone = None
        return (
            not tone.is_music
            and tone.parts <= PARTS_MAX
            and tone.ms + FRAME_MS >= self._shape.duration
            and LOWEST_HZ <= tone.hz <= HIGHEST_HZ
            and not any(low <= tone.hz <= high for low, high in NO_BEEPS_HZ)
        )


def _same(hz: float, other: float) -> bool:
    return abs(hz - other) <= SAME_PITCH * other


def _pitch(window: Samples, rate_hz: int) -> float | None:
    """The frequency of the one sine in a window; None when it is anything else."""
    points = FFT_POINTS * rate_hz // 8000
    power = np.abs(np.fft.rfft(window * np.hanning(len(window)), points)) ** 2
    peak = int(power.argmax())
    if not 1 <= peak < len(power) - 1:
        return None
    left, top, right = np.log(power[peak - 1 : peak + 2] + 1e-9)
    shift = (left - right) / (2 * (left - 2 * top + right)) if top > left else 0.0
    hz = float((peak + shift) * rate_hz / points)
    return hz if _purity(window, hz, rate_hz) >= PURITY else None


def _purity(window: Samples, hz: float, rate_hz: int) -> float:
    """Part of a window's energy that a sine of that frequency explains."""
    turns = 2 * np.pi * hz * np.arange(len(window)) / rate_hz
    plane = np.linalg.qr(np.stack((np.cos(turns), np.sin(turns)), axis=1))[0]
    fitted = plane.T @ window
    energy = float(np.dot(window, window))
    return float(fitted @ fitted) / energy if energy else 0.0
