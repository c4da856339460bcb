"""espeak-ng: every language, robotic; a program of its own (GPL-3), never linked.

Each language is offered as a woman and as a man, by espeak's voice variants. The text
goes in on stdin, so nothing in it can be taken for an option. Phonemes it knows only by
names of its own, so a pronunciation in IPA is not used: the text is said.
"""

import math
import re
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from shutil import which
from typing import Final, NamedTuple, Self

import numpy as np
from typing_extensions import override

from voiceplat.calls.voices import Gender
from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import SpeechSettings
from voiceplat.speech.engine import (
    Sound,
    Synthesizer,
    SynthesizerInfo,
    Utterance,
    Voice,
)

_PROGRAM: Final = "espeak-ng"
_WORDS_PER_MINUTE: Final = 165
_SPEEDS: Final = (80, 400)
"""Words per minute that it goes down and up to."""
_MID_PITCH: Final = 50
"""On its scale to 99, where 50 more is an octave."""
_VARIANTS: Final = {Gender.WOMAN: "+f3", Gender.MAN: "+m3"}
_MORE_NAMES: Final = {"es-us": "es-419"}
"""Languages that espeak can speak and does not list."""

_VERSION: Final = re.compile(r"text-to-speech: (\S+)")
_LISTED: Final = re.compile(r"^\s*(\d+)\s+(\S+)\s+\S+\s+\S+\s+\S+(.*)$")
_OTHER_NAME: Final = re.compile(r"\((\S+) (\d+)\)")
_SHORT_S: Final = 10


class Espeak(Synthesizer):
    def __init__(self, timeout_s: float) -> None:
        self._timeout_s = timeout_s

    @classmethod
    @override
    def describe(cls) -> SynthesizerInfo | None:
        if which(_PROGRAM) is None:
            return None
        found = _VERSION.search(_ask("--version"))
        return SynthesizerInfo(
            "espeak",
            found[1] if found else "unknown",
            _voices(_ask("--voices")),
            streaming=False,
            preference=10,
            shifts_pitch=True,
        )

    @classmethod
    @override
    def load(cls, settings: SpeechSettings) -> Self:
        if which(_PROGRAM) is None:
            raise SpeechError(f"{_PROGRAM} is not installed")
        return cls(settings.request_timeout_s)

    @override
    def say(self, utterance: Utterance) -> Iterator[Sound]:
        # [[ ]] would be read as espeak's own phoneme names
        spoken = utterance.text.replace("[[", "[ [")
        options = ["-v", utterance.voice, "-b", "1", "-z", *_manner(utterance)]
        try:
            done = subprocess.run(  # noqa: S603 - no shell; the text is not an argument
                [_program(), *options, "--stdin", "--stdout"],
                input=spoken.encode(),
                capture_output=True,
                check=True,
                timeout=self._timeout_s,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise SpeechError(f"{_PROGRAM} failed: {error}") from error
        yield _sound(done.stdout)


def _manner(utterance: Utterance) -> list[str]:
    slowest, fastest = _SPEEDS
    speed = round(_WORDS_PER_MINUTE * utterance.rate)
    pitch = round(_MID_PITCH * (1 + math.log2(utterance.pitch)))
    return [
        *("-s", str(max(slowest, min(fastest, speed)))),
        *("-p", str(max(0, min(99, pitch)))),
    ]


class _Listed(NamedTuple):
    """A line of `espeak-ng --voices`."""

    rank: tuple[int, int]
    language: str
    other_names: tuple[str, ...]


def _voices(table: str) -> tuple[Voice, ...]:
    """Each language and its other names, the plainest accent of a language first."""
    listed = sorted(filter(None, map(_listed, table.splitlines())))
    names = {line.language.casefold(): line.language for line in listed}
    primaries = {name.partition("-")[0] for name in names}
    for line in listed:
        for other in line.other_names:
            if other.casefold() not in primaries:
                names.setdefault(other.casefold(), line.language)
    names.update(
        {more: own for more, own in _MORE_NAMES.items() if own in names.values()}
    )
    return tuple(
        Voice(id=own + variant, language=name, gender=gender)
        for name, own in names.items()
        for gender, variant in _VARIANTS.items()
    )


def _listed(line: str) -> _Listed | None:
    if not (columns := _LISTED.match(line)):
        return None
    language = columns[2]
    others = dict(_OTHER_NAME.findall(columns[3]))
    of_the_language = int(others.get(language.partition("-")[0], 0))
    return _Listed((int(columns[1]), of_the_language), language, tuple(others))


def _sound(wav: bytes) -> Sound:
    """The program streams its WAV, so the lengths in its header mean nothing."""
    start = wav.find(b"data") + 8
    if not wav.startswith(b"RIFF") or start < 8:
        raise SpeechError(f"{_PROGRAM} made no sound")
    rate_hz = int.from_bytes(wav[24:28], "little")
    whole = wav[start : start + (len(wav) - start) // 2 * 2]
    samples = np.frombuffer(whole, np.int16).astype(np.float32)
    return Sound(samples / np.float32(32768), rate_hz)


def _ask(option: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed option, no shell
            [_program(), option],
            capture_output=True,
            check=True,
            timeout=_SHORT_S,
            text=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout


@lru_cache(maxsize=1)
def _program() -> str:
    return which(_PROGRAM) or _PROGRAM
