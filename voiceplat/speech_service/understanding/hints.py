"""Hints that bias: what was understood, drawn towards the phrases that are expected.

A text that sounds like a hint becomes the hint. When it is like none of them, the
engine looks at the sound again and says how well each of the nearest fits (forced
scoring): a lone "no" that was written as "Number" is found that way. In a longer text
the words that are nearly a hint are replaced by it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, sqrt
from typing import Final, NamedTuple

from rapidfuzz import fuzz, process

from voiceplat.speech.engine import PhraseScores, Recognition
from voiceplat.speech_service.understanding.spelling import canonical
from voiceplat.speech_service.understanding.weaving import Words

_SCORED_MAX: Final = 8
"""Hints that are scored against the sound; each costs some 10 ms of a core."""

_WORDS_APART: Final = 2
"""A hint with more words, or fewer, than the text cannot be what was said."""

_WOVEN_RATIO: Final = 85
"""From here on words are replaced unasked; below the engine is asked first."""
_DOUBTFUL_MAX: Final = 4
_WOVEN_CHARS: Final = 5
"""A short word is too near to others to be replaced inside a text."""


@dataclass(frozen=True, slots=True)
class Bias:
    """How strongly hints draw."""

    ratio: float
    """0 to 100: how alike text and hint must be."""
    head_start: float | None
    """By how much a hint's log-probability may be less than that of the text; None
    leaves the text alone."""


BIAS: Final = {
    "default": Bias(ratio=80, head_start=6),
    "command_and_search": Bias(ratio=70, head_start=9),
    "phone_call": Bias(ratio=80, head_start=None),
}
"""By GetInput's `speechModel`. A caller who gives commands says a hint or nothing that
matters; one in conversation may say anything."""


class Biased(NamedTuple):
    text: str
    confidence: float


class Hints:
    """The phrases of one listening; worked out at first use, on a decode's thread."""

    def __init__(self, phrases: Sequence[str], language: str, model: str) -> None:
        self._phrases = tuple(dict.fromkeys(filter(None, map(str.strip, phrases))))
        self._language = language
        self._bias = BIAS.get(model, BIAS["default"])

    def draw(self, heard: Recognition) -> Biased | None:
        """The hint that was said, or the text with hints in it; None when neither."""
        if not self._phrases or not heard.text:
            return None
        said = canonical(heard.text, self._language)
        if said in self._by_spelling:
            return Biased(self._by_spelling[said], _confidence(heard, 1))
        return (
            self._alike(said, heard)
            or (self._scored(said, heard) if heard.score else None)
            or self._woven(heard)
        )

    @cached_property
    def _by_spelling(self) -> dict[str, str]:
        """Hints by how they are compared; of two that are alike the first."""
        found: dict[str, str] = {}
        for phrase in self._phrases:
            if spelling := canonical(phrase, self._language):
                found.setdefault(spelling, phrase)
        return found

    def _alike(self, said: str, heard: Recognition) -> Biased | None:
        for spelling, ratio in self._nearest(said, self._bias.ratio):
            if _digits(spelling) == _digits(said):
                return Biased(
                    self._by_spelling[spelling], _confidence(heard, ratio / 100)
                )
        return None

    def _nearest(self, said: str, cutoff: float = 0) -> Iterator[tuple[str, float]]:
        for spelling, ratio, _ in process.extract(
            said,
            list(self._by_spelling),
            scorer=fuzz.ratio,
            limit=_SCORED_MAX,
            score_cutoff=cutoff,
        ):
            yield spelling, ratio

    def _scored(self, said: str, heard: Recognition) -> Biased | None:
        if heard.score is None or self._bias.head_start is None:
            return None
        hints = [
            self._by_spelling[spelling]
            for spelling, _ in self._nearest(said)
            if abs(len(spelling.split()) - len(said.split())) <= _WORDS_APART
        ]
        if not hints:
            return None
        scores = _scores(heard.score, [heard.text, *hints], self._language)
        text_score, hint_scores = scores[0], scores[1:]
        best = max(range(len(hints)), key=hint_scores.__getitem__)
        if hint_scores[best] < text_score - self._bias.head_start:
            return None
        rivals = sum(exp(score - hint_scores[best]) for score in hint_scores)
        return Biased(hints[best], _confidence(heard, 1 / rivals))

    def _woven(self, heard: Recognition) -> Biased | None:
        """The text with the words that are nearly a hint replaced by it."""
        words = Words(heard.text, self._language)
        doubtful: list[tuple[float, str]] = []
        for spelling in sorted(self._by_spelling, key=len, reverse=True):
            if len(spelling) < _WOVEN_CHARS or _digits(spelling):
                continue
            if place := words.find(spelling):
                if place.ratio >= _WOVEN_RATIO:
                    words = words.with_hint(place, self._by_spelling[spelling])
                else:
                    doubtful.append((place.ratio, spelling))
        words = self._most_likely(words, sorted(doubtful, reverse=True), heard)
        if words.text == heard.text:
            return None
        return Biased(words.text, heard.confidence)

    def _most_likely(
        self, words: Words, doubtful: list[tuple[float, str]], heard: Recognition
    ) -> Words:
        """With the one of the doubtful hints that fits the sound, if any does."""
        if heard.score is None or self._bias.head_start is None:
            return words
        texts = [words]
        for _, spelling in doubtful[:_DOUBTFUL_MAX]:
            if place := words.find(spelling):
                texts.append(words.with_hint(place, self._by_spelling[spelling]))
        if len(texts) == 1:
            return words
        scores = heard.score([it.text for it in texts])
        scores[0] -= self._bias.head_start
        return texts[max(range(len(texts)), key=scores.__getitem__)]


def _scores(score: PhraseScores, phrases: Sequence[str], language: str) -> list[float]:
    """Of each phrase, as it is written or with its numbers as digits.

    The better of the two: engines write "17" for seventeen.
    """
    in_digits = [canonical(phrase, language) for phrase in phrases]
    more = [at for at, text in enumerate(in_digits) if _digits(text)]
    scores = score([*phrases, *(in_digits[at] for at in more)])
    best = scores[: len(phrases)]
    for at, other in zip(more, scores[len(phrases) :], strict=True):
        best[at] = max(best[at], other)
    return best


def _confidence(heard: Recognition, likeness: float) -> float:
    """Between the engine's and how clearly it is this hint.

    No engine is sure of a lone word, but that it was expected speaks for it.
    """
    return sqrt(heard.confidence * likeness)


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())
