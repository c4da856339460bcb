"""One spelling for what sounds alike, so that texts can be compared.

"January twenty-first", "January 21st." and "january 21 st" are one; so are "17",
"seventeen" and "Seventeen!", and "four four two oh" and "4420".
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import import_module
from typing import Final

_ACCENTS: Final = re.compile("[\u0300-\u036f]")
_APOSTROPHES: Final = re.compile("['\u2019`]")
_AM_PM: Final = re.compile(r"\b([ap])\.? ?m\b\.?")
_WORD: Final = re.compile(r"\d+ ?(?:st|nd|rd|th)\b|\d+|[^\d\s]+")

_COUNTED_TO: Final = 100
_ORDINALS_TO: Final = 31
_LONGEST_NUMBER: Final = 4
"""Words of "quatre-vingt-dix-sept"."""

_ABBREVIATED: Final = {"mr": "mister", "mrs": "missus", "dr": "doctor", "ok": "okay"}


def canonical(text: str, language: str) -> str:
    """The text's words in lower case without marks, its numbers as digits.

    Numbers that follow one another are one word: "4 4 20" is "4420".
    """
    joined: list[str] = []
    for word in _numbered(plain_words(text), numbers(language)):
        if joined and word.isdigit() and joined[-1].isdigit():
            joined[-1] += word
        else:
            joined.append(word)
    return " ".join(joined)


def plain_words(text: str) -> list[str]:
    """In lower case, without marks and accents."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    bare = _APOSTROPHES.sub("", _ACCENTS.sub("", folded))
    bare = _AM_PM.sub(r"\1m", bare).replace("&", " and ")
    spaced = "".join(" " if _is_mark(letter) else letter for letter in bare)
    return [_spelled(word) for word in _WORD.findall(spaced)]


@lru_cache(maxsize=16)
def numbers(language: str) -> Mapping[tuple[str, ...], str]:
    """The words of each number of the language; nothing when it is not known."""
    num2words = import_module("num2words")
    region = language.replace("-", "_")
    primary = region.partition("_")[0].casefold()
    known = num2words.CONVERTER_CLASSES
    if not (tag := next((it for it in (region, primary) if it in known), "")):
        return {}
    count = num2words.num2words
    found = {
        tuple(plain_words(count(number, lang=tag))): str(number)
        for number in range(_COUNTED_TO + 1)
    }
    if primary == "en":
        for number in range(1, _ORDINALS_TO + 1):
            found[tuple(plain_words(count(number, to="ordinal")))] = f"{number}th"
        found["oh",] = "0"
    return found


def _numbered(
    words: Sequence[str], known: Mapping[tuple[str, ...], str]
) -> Iterator[str]:
    """The words, with those that mean a number replaced by its digits."""
    at = 0
    while at < len(words):
        for length in range(_LONGEST_NUMBER, 0, -1):
            if number := known.get(tuple(words[at : at + length])):
                yield number
                at += length
                break
        else:
            yield words[at]
            at += 1


def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "PSC"


def _spelled(word: str) -> str:
    if word[0].isdigit() and not word.isdigit():
        return re.sub(r"\D+", "th", word)
    return _ABBREVIATED.get(word, word)
