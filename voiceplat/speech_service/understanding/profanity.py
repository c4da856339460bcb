"""Masks profane words: the first letter stays, the rest becomes `*`."""

import re
from functools import lru_cache
from importlib.resources import files
from typing import Final

_INFLECTED: Final = "(?:s|es|ed|er|ers|ing|in|y)?"
_LIST: Final = "profanity.txt"


def mask(text: str) -> str:
    """The text with `f***` where it was profane; its length is the same."""
    return _profane().sub(lambda found: _masked(found[0]), text)


@lru_cache(maxsize=1)
def _profane() -> re.Pattern[str]:
    lines = (files(__package__) / _LIST).read_text(encoding="utf-8").splitlines()
    words = [line.strip() for line in lines if line.strip() and line[0] != "#"]
    patterns = (
        re.escape(word.removesuffix("~")) + (_INFLECTED if word[-1] == "~" else "")
        for word in words
    )
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.IGNORECASE)


def _masked(word: str) -> str:
    return word[0] + "*" * (len(word) - 1)
