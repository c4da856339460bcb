"""Hints inside a longer text: where they nearly stand, and the text with them."""

import re
from typing import Final, NamedTuple, Self

from rapidfuzz import fuzz, process

from voiceplat.speech_service.understanding.spelling import canonical

_ALIKE: Final = 70
"""Below this ratio nothing is looked at."""

_OTHER_LENGTH: Final = 5
"""What a run of more or fewer words than the hint counts less."""


class Place(NamedTuple):
    """Words that are like a hint."""

    words: slice
    ratio: float


class Words:
    """A text by its words, compared with hints run by run."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self._words = text.split()
        self._language = language
        self._runs: dict[int, list[str]] = {}

    def find(self, spelling: str) -> Place | None:
        """Where as many words as it has, or one more or less, are most like it."""
        length = len(spelling.split())
        best: Place | None = None
        for size in filter(None, (length, length - 1, length + 1)):
            for run, ratio, start in process.extract(
                spelling, self._of(size), scorer=fuzz.ratio, score_cutoff=_ALIKE
            ):
                if run.replace(" ", "") == spelling.replace(" ", ""):
                    return Place(slice(start, start + size), 100)
                likeness = ratio - (0 if size == length else _OTHER_LENGTH)
                if best is None or likeness > best.ratio:
                    best = Place(slice(start, start + size), likeness)
        return best

    def with_hint(self, place: Place, hint: str) -> Self:
        """The marks after the words stay."""
        words = self._words
        after = re.search(r"[.,;:!?]*$", words[place.words.stop - 1])
        dressed = hint + (after[0] if after else "")
        replaced = [*words[: place.words.start], dressed, *words[place.words.stop :]]
        return type(self)(" ".join(replaced), self._language)

    def _of(self, size: int) -> list[str]:
        if size not in self._runs:
            self._runs[size] = [
                canonical(" ".join(self._words[start : start + size]), self._language)
                for start in range(len(self._words) - size + 1)
            ]
        return self._runs[size]
