"""Who has the floor: whose voice is heard, for all members at once.

A level follows each member's loudness, up within some 100 ms and down within half a
second: neither a click nor a pause between two words changes anything. Who has the
floor keeps it through what others say, until one of them is much louder for a while.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from voiceplat.signals.pcm import FULL_SCALE

SPEAKS_DBFS: Final = -38.0
IS_STILL_DBFS: Final = -45.0
"""Below it who spoke no longer does."""
LOWEST_DBFS: Final = -70.0
UP: Final = 0.25
DOWN: Final = 0.03
"""Part of the way to a frame's loudness that the level goes with it."""
INTERRUPTS_DB: Final = 6.0
INTERRUPTS_AFTER: Final = 25
"""By how much, and for how many frames, one must be louder than a speaker to take the
floor: half a second."""


class Floor:
    def __init__(self) -> None:
        self._levels = np.zeros(0)
        self._speaking = np.zeros(0, bool)
        self._holder: int | None = None
        """Row of who has the floor, or had it last."""
        self._contested = 0
        """Frames in which somebody has been much louder without a break."""

    def add(self) -> None:
        """One more row, the last."""
        self._levels = np.append(self._levels, LOWEST_DBFS)
        self._speaking = np.append(self._speaking, False)

    def remove(self, row: int) -> None:
        self._levels = np.delete(self._levels, row)
        self._speaking = np.delete(self._speaking, row)
        if self._holder == row:
            self._holder = None
        elif self._holder is not None and self._holder > row:
            self._holder -= 1

    def hear(self, spoken: npt.NDArray[np.int32]) -> int | None:
        """20 ms of each; the row of who takes the floor with it, None as a rule."""
        loudness = _dbfs(spoken)
        step = np.where(loudness > self._levels, UP, DOWN)
        self._levels += step * (loudness - self._levels)
        edge = np.where(self._speaking, IS_STILL_DBFS, SPEAKS_DBFS)
        self._speaking = self._levels > edge
        if not self._speaking.any():
            return None
        loudest = int(np.where(self._speaking, self._levels, LOWEST_DBFS).argmax())
        if self._is_held_against(loudest) or loudest == self._holder:
            return None
        self._holder, self._contested = loudest, 0
        return loudest

    def _is_held_against(self, loudest: int) -> bool:
        if self._holder is None or not self._speaking[self._holder]:
            return False
        ahead_db = self._levels[loudest] - self._levels[self._holder]
        self._contested = self._contested + 1 if ahead_db > INTERRUPTS_DB else 0
        return self._contested < INTERRUPTS_AFTER


def _dbfs(rows: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    samples = rows.astype(np.float32)
    power = np.einsum("ij,ij->i", samples, samples) / samples.shape[1]
    quietest = FULL_SCALE**2 * 10 ** (LOWEST_DBFS / 10)
    return np.asarray(10 * np.log10(np.maximum(power, quietest) / FULL_SCALE**2))
