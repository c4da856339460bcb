"""What the neural engines share: marked-up text, and the beginning of their sound.

Both were trained with the phonemes of one dictionary, misaki's, whose markup gives a
word its pronunciation.
"""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from voiceplat.speech.engine import Samples, Utterance
from voiceplat.speech.phonemes import english

_PIECE: Final = re.compile(r"(?:\[[^\]]*\]\([^)]*\)|\S)+")
"""A word, with its pronunciation as one piece."""

_BREATH: Final = 0.001
"""Of 1.0: louder than the model's silence, softer than the softest first sound."""
_LEAD: Final = 480
"""Samples before the first sound that are kept: 20 ms at 24 kHz."""


def marked_up(utterance: Utterance, *, british: bool) -> str:
    """The text as the package reads it: `[word](/pronunciation/)`."""
    return "".join(
        f"[{_plain(span.text).strip()}](/{english(span.ipa, british=british)}/)"
        if span.ipa
        else _plain(span.text)
        for span in utterance.spans
    )


def pieces(sentence: str, longest: int) -> Iterator[str]:
    """The sentence, cut between words where it is too long."""
    held = ""
    for word in _PIECE.findall(sentence):
        for start in range(0, len(word), longest):
            part = word[start : start + longest]
            if held and len(held) + len(part) >= longest:
                yield held
                held = ""
            held = f"{held} {part}" if held else part
    if held:
        yield held


def _plain(text: str) -> str:
    """Brackets of the text are not to be taken for markup."""
    return text.replace("[", "(").replace("]", ")")


def at_once(spoken: Samples) -> Samples:
    """The model begins with 0.3 s of silence, for which nobody should wait."""
    loud = np.flatnonzero(np.abs(spoken) > _BREATH)
    return spoken[max(0, loud[0] - _LEAD) :] if loud.size else spoken
