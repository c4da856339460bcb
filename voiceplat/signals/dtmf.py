"""Keys as pairs of tones in the audio (ITU-T Q.23; what to accept, Q.24).

Each window is fitted with the two tones of each key at once. A key is one pair that
explains nearly all of what is heard, as loud as it began, for 33 ms without a break:
that finds every key of 40 ms and leaves speech alone, which swells and fades.
Frequencies off by 1.5 % pass, by 3 % they do not.
"""

from functools import cache
from itertools import product
from typing import Final

import numpy as np
import numpy.typing as npt

from voiceplat.signals.pcm import Samples, rms_of, samples

LOW_HZ: Final = (697, 770, 852, 941)
HIGH_HZ: Final = (1209, 1336, 1477, 1633)
KEYS: Final = "123A456B789C*0#D"
"""Row by row: the low tone, then the high one."""

WINDOW_MS: Final = 13
"""Shorter could not tell 697 from 770 Hz, longer would be narrower than phones are."""
HOP_MS: Final = 5
HITS: Final = 5
"""Windows in a row that make a key: WINDOW_MS and four hops."""
MISSES: Final = 6
"""Windows in a row that end it; a break of 10 ms does not, a pause of 40 ms does."""
QUIETEST_DBFS: Final = -42.0
PURITY: Final = 0.76
"""Part of a window's energy that the pair must explain."""
STEADY: Final = 10 ** (2 / 10)
"""How much a key's energy may change between its first windows: 2 dB."""
TWIST_DB: Final = (-10.0, 6.0)
"""How much louder the high tone may be: -8 to 4 dB, and what a window misreads."""


class DtmfDetector:
    """Hears one leg; give it every frame."""

    def __init__(self, rate_hz: int = 8000) -> None:
        self._width = rate_hz * WINDOW_MS // 1000
        self._hop = rate_hz * HOP_MS // 1000
        tones = _tones(self._width, rate_hz)
        self._planes = np.concatenate([np.linalg.qr(it)[0] for it in tones], axis=1)
        self._sizes = np.stack([_sizes(it) for it in tones])
        self._kept: Samples = np.zeros(self._width - self._hop, dtype=np.float32)
        self._quietest = rms_of(QUIETEST_DBFS) ** 2 * self._width
        self._seen, self._began, self._hits, self._misses = "", 0.0, 0, 0
        self.sounding = ""
        """The key that is held down now, or nothing."""

    def hear(self, frame: bytes) -> str:
        """The keys that began to sound in it: none as a rule, hardly ever two."""
        heard = np.concatenate((self._kept, samples(frame)))
        windows = heard[_windows(len(heard), self._width, self._hop)]
        self._kept = heard[len(windows) * self._hop :]
        energy = np.einsum("ij,ij->i", windows, windows)
        keys = self._keys_in(windows, energy)
        return "".join(map(self._take, keys, energy.tolist()))

    def _keys_in(self, windows: Samples, energy: Samples) -> list[str]:
        """What each window holds: a key, or nothing."""
        keys = [""] * len(windows)
        if energy.max(initial=0) < self._quietest:
            return keys
        fitted = (windows @ self._planes).reshape(-1, len(KEYS), 4)
        by_key = np.einsum("wkt,wkt->wk", fitted, fitted)
        is_pure = by_key.max(axis=1) >= PURITY * energy
        for index in np.flatnonzero(is_pure & (energy >= self._quietest)):
            key = int(by_key[index].argmax())
            if self._is_balanced(key, windows[index]):
                keys[index] = KEYS[key]
        return keys

    def _is_balanced(self, key: int, window: Samples) -> bool:
        low, high = np.abs(self._sizes[key] @ window)
        twist = 20 * np.log10(max(high, 1e-9) / max(low, 1e-9))
        return bool(TWIST_DB[0] <= twist <= TWIST_DB[1])

    def _take(self, key: str, energy: float) -> str:
        """What one more window makes of it: a key that is new, or nothing."""
        is_steady = self._began / STEADY <= energy <= self._began * STEADY
        if key == self._seen and is_steady:
            self._hits += 1
        else:
            self._seen, self._began, self._hits = key, energy, 1
        self._misses = 0 if key and key == self.sounding else self._misses + 1
        if key and self._hits == HITS and key != self.sounding:
            self.sounding, self._misses = key, 0
            return key
        if self._misses == MISSES:
            self.sounding = ""
        return ""


@cache
def _windows(length: int, width: int, hop: int) -> npt.NDArray[np.intp]:
    """Which samples of so many each window has, a row each."""
    first = np.arange(0, length - width + 1, hop)
    return first[:, None] + np.arange(width)


def _tones(width: int, rate_hz: int) -> list[Samples]:
    """For each key what its two tones can be in a window: cosines, then sines."""
    time = np.arange(width, dtype=np.float32) / rate_hz
    turns = (2 * np.pi * np.outer(time, pair) for pair in product(LOW_HZ, HIGH_HZ))
    return [np.concatenate((np.cos(it), np.sin(it)), axis=1) for it in turns]


def _sizes(tones: Samples) -> npt.NDArray[np.complex64]:
    """Two rows: times a window, the best fit's low and high amplitude."""
    fit = np.linalg.pinv(tones)
    return fit[:2] + 1j * fit[2:]
