"""How the values of SSML attributes are read (plivo-xml 3.2).

None is a value that nobody can read: it counts as not given. One that is out of range
is taken to the nearest that is in it.
"""

import math
import re
from typing import Final

from voiceplat.calls.script import SILENT_DB, Alphabet, Emphasis, SayAs

LONGEST_BREAK_S: Final = 10.0

STRENGTHS_S: Final = {
    "none": 0.0,
    "x-weak": 0.0,
    "weak": 0.25,
    "medium": 0.25,
    "strong": 0.5,
    "x-strong": 0.8,
}
RATES: Final = {
    "x-slow": 0.5,
    "slow": 0.75,
    "default": 1.0,
    "medium": 1.0,
    "fast": 1.3,
    "x-fast": 1.7,
}
PITCHES: Final = {
    "x-low": 0.75,
    "low": 0.87,
    "default": 1.0,
    "medium": 1.0,
    "high": 1.15,
    "x-high": 1.3,
}
VOLUMES_DB: Final = {
    "silent": SILENT_DB,
    "x-soft": -12.0,
    "soft": -6.0,
    "default": 0.0,
    "medium": 0.0,
    "loud": 4.0,
    "x-loud": 8.0,
}

_RATE_RANGE: Final = (0.2, 2.0)
_PITCH_RANGE: Final = (0.5, 2.0)
_GAIN_RANGE_DB: Final = (-60.0, 20.0)

_NUMBER: Final = r"[+-]?(?:[0-9]{1,6}(?:\.[0-9]{0,6})?|\.[0-9]{1,6})"
_TIME: Final = re.compile(rf"({_NUMBER})\s*(ms|s)", re.IGNORECASE)
_PERCENT: Final = re.compile(rf"({_NUMBER})\s*%")
_DECIBEL: Final = re.compile(rf"({_NUMBER})\s*dB", re.IGNORECASE)

_SAY_AS: Final = {
    **{kind.value: kind for kind in SayAs},
    "spell-out": SayAs.CHARACTERS,
    "number": SayAs.CARDINAL,
    "bleep": SayAs.EXPLETIVE,
}


def break_s(text: str) -> float | None:
    """`1.5s`, `700ms`; not negative."""
    found = _TIME.fullmatch(text.strip())
    if not found:
        return None
    seconds = float(found[1]) / (1000 if found[2].lower() == "ms" else 1)
    return min(seconds, LONGEST_BREAK_S) if seconds >= 0 else None


def strength_s(text: str) -> float | None:
    return STRENGTHS_S.get(_word(text))


def rate(text: str) -> float | None:
    """`slow`, `85%`: of the voice's own speed."""
    if found := _PERCENT.fullmatch(text.strip()):
        return _within(_RATE_RANGE, float(found[1]) / 100)
    return RATES.get(_word(text))


def pitch(text: str, now: float) -> float | None:
    """`high`; `+10%` is of the pitch so far."""
    if found := _PERCENT.fullmatch(text.strip()):
        return _within(_PITCH_RANGE, now * (1 + float(found[1]) / 100))
    return PITCHES.get(_word(text))


def volume_db(text: str, now: float) -> float | None:
    """`soft`; `-6dB` is of the volume so far."""
    if found := _DECIBEL.fullmatch(text.strip()):
        if math.isclose(now, SILENT_DB):
            return now
        return _within(_GAIN_RANGE_DB, now + float(found[1]))
    return VOLUMES_DB.get(_word(text))


def emphasis(text: str) -> Emphasis | None:
    return next((it for it in Emphasis if it == _word(text)), None)


def alphabet(text: str) -> Alphabet | None:
    return next((it for it in Alphabet if it == _word(text)), None)


def say_as(text: str) -> SayAs | None:
    return _SAY_AS.get(_word(text))


def _word(text: str) -> str:
    return text.strip().lower()


def _within(limits: tuple[float, float], value: float) -> float:
    least, most = limits
    return max(least, min(most, value))
