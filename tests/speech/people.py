"""People's voices: the prompts of Asterisk, 8 kHz, one speaker (Debian, CC-BY-SA-3.0).

They are read where Debian put them and never copied into the repository.
"""

import gzip
import os
import random
import wave
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from voiceplat.speech_service.understanding.spelling import numbers, plain_words

SOUNDS: Final = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
TEXTS: Final = Path("/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz")
RATE_HZ: Final = 8000

_LOUD: Final = 0.01
_EDGE: Final = 400
_SPOKEN_MAX_S: Final = 9

Pcm = NDArray[np.float32]


class Said(NamedTuple):
    text: str
    sound: Pcm


def require() -> None:
    """Skip the test where the recordings are not installed; in CI they must be."""
    if not (SOUNDS.exists() and TEXTS.exists()):
        missing = "apt-get install asterisk-core-sounds-en asterisk-core-sounds-en-wav"
        (pytest.fail if os.getenv("CI") else pytest.skip)(missing)


def are_here() -> bool:
    return SOUNDS.exists() and TEXTS.exists()


def phrases(shortest: int = 2, longest: int = 14) -> list[Said]:
    """Prompts of so many words, as a telephone carries them, no text twice."""
    found: dict[str, Said] = {}
    for name, text in _index():
        if "/" not in name and shortest <= len(words(text)) <= longest:
            sound = _recorded(name)
            if len(sound) < _SPOKEN_MAX_S * RATE_HZ:
                found.setdefault(" ".join(words(text)), Said(text, g711(sound)))
    return list(found.values())


def digit_strings(count: int) -> Iterator[Said]:
    """Strings of 1 to 10 digits, each digit recorded by itself, the same each time."""
    chance = random.Random(7)  # noqa: S311 - the same strings each time
    spoken = [_trimmed(_recorded(f"digits/{digit}")) for digit in range(10)]
    for _ in range(count):
        length = chance.choice([1, 2, 4, 4, 5, 6, 7, 10])
        digits = [chance.randrange(10) for _ in range(length)]
        parts = [
            part
            for digit in digits
            for part in (spoken[digit], _silence(chance.uniform(0.04, 0.12)))
        ]
        yield Said("".join(map(str, digits)), g711(np.concatenate(parts)))


def g711(sound: Pcm) -> Pcm:
    """What mu-law leaves of it."""
    level = np.minimum(np.abs(sound) * 32767, 32635) + 132
    exponent = np.floor(np.log2(level)).astype(int) - 7
    mantissa = (level.astype(int) >> (exponent + 3)) & 15
    decoded = ((((mantissa << 3) + 132) << exponent) - 132) / 32768
    return np.asarray(np.sign(sound) * decoded, np.float32)


def pcm(said: Said, before_s: float = 0.5, after_s: float = 1.5) -> bytes:
    """16-bit samples, with the quiet of a line around them."""
    sound = np.concatenate((_quiet(before_s), said.sound, _quiet(after_s)))
    return (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()


def speech_ends_s(said: Said) -> float:
    """Seconds from its beginning until its last sound."""
    return float(np.flatnonzero(np.abs(said.sound) > _LOUD)[-1]) / RATE_HZ


def words(text: str) -> list[str]:
    """As they are counted: numbers digit by digit, however they are written."""
    known = numbers("en-US")
    spelled = (known.get((word,), word) for word in plain_words(text))
    return [part for word in spelled for part in (word if word.isdigit() else [word])]


def word_errors(said: str, understood: str) -> int:
    return int(Levenshtein.distance(words(said), words(understood)))


def _index() -> Iterator[tuple[str, str]]:
    """Name and text of each recording that is speech and says what is written."""
    with gzip.open(TEXTS, "rt", errors="replace") as lines:
        for line in lines:
            name, colon, text = line.strip().partition(":")
            if not colon or name.startswith(";") or any(it in text for it in "[(<"):
                continue
            if (SOUNDS / f"{name}.wav").exists():
                yield name, text.strip().replace("...", " ").strip()


def _recorded(name: str) -> Pcm:
    with wave.open(str(SOUNDS / f"{name}.wav")) as file:
        frames = file.readframes(file.getnframes())
    return np.frombuffer(frames, "<i2").astype(np.float32) / np.float32(32768)


def _trimmed(sound: Pcm) -> Pcm:
    loud = np.flatnonzero(np.abs(sound) > _LOUD)
    return sound[max(0, loud[0] - _EDGE) : loud[-1] + _EDGE]


def _silence(seconds: float) -> Pcm:
    return np.zeros(int(seconds * RATE_HZ), np.float32)


def _quiet(seconds: float) -> Pcm:
    """Not quite silence, as on a line."""
    noise = np.random.default_rng(1).standard_normal(int(seconds * RATE_HZ))
    return (noise * 1e-4).astype(np.float32)


def every_second(found: list[Said], most: int) -> list[Said]:
    return list(islice(found[::2], most))
