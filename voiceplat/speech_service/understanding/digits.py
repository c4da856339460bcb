"""Digits that were spoken one by one: "Four, four two-oh." is 4420.

Only a text of nothing but digits is written as a number; all else stays as the
recogniser wrote it.
"""

import re
from typing import Final

from voiceplat.speech_service.understanding.spelling import numbers, plain_words

_OTHER_SPELLINGS: Final = {
    "o": "0", "oh": "0", "won": "1", "to": "2", "too": "2", "for": "4", "ate": "8",
}  # fmt: skip
"""What English digits are taken for; they count beside a real one only."""

_REPEATED: Final = {"double": 2, "triple": 3}
_NOT_DIGITS: Final = re.compile(r"[$€£¥%:/+=#*]|^\D*\d+\.\d+\D*$")
"""A price, a time, a decimal."""


def spoken_digits(text: str, language: str) -> str | None:
    """None when it says more, or something else, than digits."""
    words = plain_words(text)
    if not words or _NOT_DIGITS.search(text):
        return None
    english = language.casefold().startswith("en")
    digits, times, certain = "", 1, False
    for word in words:
        if english and word in _REPEATED:
            times = _REPEATED[word]
            continue
        sure = word if word.isdigit() else _digit(word, language)
        found = sure or (_OTHER_SPELLINGS.get(word) if english else None)
        if found is None:
            return None
        certain = certain or bool(sure)
        digits += found[0] * (times - 1) + found
        times = 1
    return digits if certain and times == 1 else None


def _digit(word: str, language: str) -> str | None:
    found = numbers(language).get((word,))
    return found if found and len(found) == 1 and word != "oh" else None
