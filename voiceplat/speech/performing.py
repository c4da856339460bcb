"""Scripts to sound: what each engine is asked to say, and what is done to what it said.

Engines know words, speed and, some of them, pitch. Volume, silence, the pitch of the
others and the joints between voices are made here, on samples.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from voiceplat.calls.script import Emphasis, Manner, Pause, SayAs, Script, Words
from voiceplat.speech.audio import resample
from voiceplat.speech.engine import (
    Samples,
    Sound,
    Span,
    Synthesizer,
    SynthesizerInfo,
    Utterance,
)
from voiceplat.speech.phonemes import ipa
from voiceplat.speech.reading.say_as import read
from voiceplat.speech.tones import beep
from voiceplat.speech.voices import Cast

_EMPHASIS: Final[Mapping[Emphasis | None, tuple[float, float]]] = {
    None: (1.0, 0.0),
    Emphasis.STRONG: (0.8, 4.0),
    Emphasis.MODERATE: (0.9, 2.0),
    Emphasis.REDUCED: (1.1, -3.0),
}
"""What stress is made of: speed, and volume in dB."""

_BREATH: Final = 0.005
"""Of its loudest: what is softer, at the ends of a sound, is its silence."""
_JOINT_S: Final = 0.03
"""Silence that is left of an end that meets a pause or another manner."""

_BLEEP_S: Final = (0.25, 0.07, 1.5)
"""At least; for each character; at most."""

_SPACE_BEFORE_SIGN: Final = re.compile(r"\s+([,.;:!?])")
_WORD: Final = re.compile(r"[^\W_]|[%&@+=$€£#*]")
_SIGNS: Final = re.compile(r"\s*[,.;:!?…)»”]+")

Engines = Mapping[str, tuple[SynthesizerInfo, Synthesizer]]


@dataclass(frozen=True, slots=True)
class _Bleep:
    characters: int


Piece = Utterance | Pause | _Bleep


def perform(
    script: Script, cast: Cast, engines: Engines, rate_hz: int
) -> Iterator[Samples]:
    """What is heard, piece by piece, at `rate_hz`. Raises SpeechError."""
    pieces = _with_words(_pieces(script, cast))
    for number, (piece, manner) in enumerate(pieces):
        if isinstance(piece, Pause):
            yield _silence(piece.seconds, rate_hz)
            continue
        if isinstance(piece, _Bleep):
            yield _bleep(piece.characters, rate_hz) * _gain(manner)
            continue
        info, engine = engines[cast.speaker(manner).engine]
        spoken = _spoken(piece, manner, info, engine, rate_hz)
        yield from _joined(
            spoken, first=number == 0, last=number == len(pieces) - 1, rate_hz=rate_hz
        )


def _pieces(script: Script, cast: Cast) -> Iterator[tuple[Piece, Manner]]:
    """The script in runs of one manner, each of which a voice says in one go."""
    for (is_pause, is_bleep, manner), run in groupby(script.parts, key=_run):
        if is_pause:
            yield from ((part, Manner()) for part in run if isinstance(part, Pause))
            continue
        words = [part for part in run if isinstance(part, Words)]
        if is_bleep:
            yield from ((_Bleep(len(it.text)), manner) for it in words)
        elif spans := tuple(_spans(words, cast.language_of(manner))):
            yield Utterance(spans, cast.speaker(manner).voice), manner


def _with_words(
    pieces: Iterable[tuple[Piece, Manner]],
) -> list[tuple[Piece, Manner]]:
    """A sign that ends a sentence goes to its words; what has no words is nothing."""
    kept: list[tuple[Piece, Manner]] = []
    for piece, manner in pieces:
        rest = piece
        if isinstance(piece, Utterance) and kept:
            before, its_manner = kept[-1]
            signs = _SIGNS.match(piece.text)
            if signs and isinstance(before, Utterance) and not piece.spans[0].ipa:
                ended = (*before.spans, Span(signs[0].strip()))
                kept[-1] = replace(before, spans=ended), its_manner
                first = Span(piece.spans[0].text[signs.end() :])
                rest = replace(piece, spans=(first, *piece.spans[1:]))
        if not isinstance(rest, Utterance) or _has_words(rest):
            kept.append((rest, manner))
    return kept


def _has_words(utterance: Utterance) -> bool:
    return any(span.ipa or _WORD.search(span.text) for span in utterance.spans)


def _run(part: Words | Pause) -> tuple[bool, bool, Manner]:
    if isinstance(part, Pause):
        return True, False, Manner()
    return False, part.say_as is SayAs.EXPLETIVE, part.manner


def _spans(words: Iterable[Words], language: str) -> Iterator[Span]:
    """What is read as one thing stands apart from its neighbours."""
    held = ""
    for it in words:
        if it.phonemes:
            yield Span(_tidy(held + " "))
            yield Span(it.text.strip(), ipa(it.phonemes, it.alphabet))
            held = ""
        else:
            held += f" {read(it, language)} " if it.say_as else it.text
    if held.strip():
        yield Span(_tidy(held))


def _tidy(text: str) -> str:
    return _SPACE_BEFORE_SIGN.sub(r"\1", re.sub(r"\s+", " ", text))


def _spoken(
    utterance: Utterance,
    manner: Manner,
    info: SynthesizerInfo,
    engine: Synthesizer,
    rate_hz: int,
) -> Iterator[Samples]:
    speed, _ = _EMPHASIS[manner.emphasis]
    rate = manner.rate * speed
    if info.shifts_pitch:
        asked = Utterance(utterance.spans, utterance.voice, rate, manner.pitch)
        shift = 1.0
    else:
        # said slower by as much as it is then played faster, and so higher
        asked = Utterance(utterance.spans, utterance.voice, rate / manner.pitch)
        shift = manner.pitch
    for sound in engine.say(asked):
        yield _at(sound, shift, rate_hz) * _gain(manner)


def _at(sound: Sound, shift: float, rate_hz: int) -> Samples:
    return resample(sound.samples, round(sound.rate_hz * shift), rate_hz)


def _gain(manner: Manner) -> np.float32:
    _, stress_db = _EMPHASIS[manner.emphasis]
    return np.float32(10 ** ((manner.volume_db + stress_db) / 20))


def _joined(
    sounds: Iterable[Samples], *, first: bool, last: bool, rate_hz: int
) -> Iterator[Samples]:
    """The sounds, without the silence of an end that is not the script's own."""
    held: Samples | None = None
    for sound in sounds:
        if held is None:
            held = sound if first else sound[_begin(sound, rate_hz) :]
        else:
            yield held
            held = sound
    if held is not None:
        yield held if last else held[: _end(held, rate_hz)]


def _begin(sound: Samples, rate_hz: int) -> int:
    loud = _loud(sound)
    return max(0, int(loud[0]) - int(_JOINT_S * rate_hz)) if loud.size else 0


def _end(sound: Samples, rate_hz: int) -> int:
    loud = _loud(sound)
    return int(loud[-1]) + int(_JOINT_S * rate_hz) if loud.size else len(sound)


def _loud(sound: Samples) -> NDArray[np.intp]:
    """Where it is to be heard."""
    level = np.abs(sound)
    return np.flatnonzero(level > _BREATH * level.max(initial=0.0))


def _silence(seconds: float, rate_hz: int) -> Samples:
    return np.zeros(round(seconds * rate_hz), np.float32)


def _bleep(characters: int, rate_hz: int) -> Samples:
    """A tone in place of a word, about as long as the word would be."""
    least, each, most = _BLEEP_S
    return beep(min(most, least + each * characters), rate_hz)
