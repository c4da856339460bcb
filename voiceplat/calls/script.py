"""A script: what is to be said, and how, with all markup read out of it.

Elements write it, speech engines act on it; no engine sees SSML. It is plain data, so
that it can travel to the speech service and name a file in the cache.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

SILENT_DB: Final = -200.0
"""A volume at which no 16-bit sample is left."""


class Emphasis(StrEnum):
    STRONG = "strong"
    MODERATE = "moderate"
    REDUCED = "reduced"


class Alphabet(StrEnum):
    IPA = "ipa"
    X_SAMPA = "x-sampa"


class SayAs(StrEnum):
    """What kind of thing the words are, so that they are read as such."""

    CHARACTERS = "characters"
    CARDINAL = "cardinal"
    ORDINAL = "ordinal"
    DIGITS = "digits"
    FRACTION = "fraction"
    UNIT = "unit"
    DATE = "date"
    TIME = "time"
    ADDRESS = "address"
    EXPLETIVE = "expletive"
    TELEPHONE = "telephone"


@dataclass(frozen=True, slots=True)
class Manner:
    """How words are spoken; without a word about it, as the voice does by itself."""

    language: str = ""
    """BCP-47; empty is the voice's own."""
    rate: float = 1.0
    pitch: float = 1.0
    """Of the fundamental frequency."""
    volume_db: float = 0.0
    emphasis: Emphasis | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """Words that are spoken in one manner; spaces at their ends count."""

    text: str
    manner: Manner = Manner()
    say_as: SayAs | None = None
    format: str = ""
    """The order of a date's fields, as `mdy`."""
    phonemes: str = ""
    """How they are pronounced; empty leaves it to the voice."""
    alphabet: Alphabet = Alphabet.IPA


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float


@dataclass(frozen=True, slots=True)
class Script:
    """Words and pauses in their order."""

    parts: tuple[Words | Pause, ...] = ()

    @property
    def text(self) -> str:
        """What is read, for people: a pause is a space."""
        texts = (part.text if isinstance(part, Words) else " " for part in self.parts)
        return " ".join("".join(texts).split())


def plain(text: str) -> Script:
    """The text as it is, in the voice's own manner."""
    folded = " ".join(text.split())
    return Script((Words(folded),) if folded else ())
