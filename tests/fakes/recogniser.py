"""What listens, as a test wrote it: sound that says itself whether it is speech.

`speech`, `faint` and `silence` are sounds by their loudness alone; `LoudnessDetector`
takes loud for speech. `ScriptedDecoding` answers one text after another, each after a
while on the loop's time, and remembers what it was given.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import TypeVar

import numpy as np
from typing_extensions import override

from voiceplat.core.errors import SpeechError
from voiceplat.speech.engine import Recognition, Samples, Spoken
from voiceplat.speech_service.recognising import Decoding
from voiceplat.speech_service.voice_activity import VoiceActivity, VoiceDetector

T = TypeVar("T")
RATE_HZ = 8000


def speech(seconds: float) -> bytes:
    return _at(0.45, seconds)


def faint(seconds: float) -> bytes:
    """Between what is speech and what is silence."""
    return _at(0.21, seconds)


def silence(seconds: float) -> bytes:
    return _at(0.0, seconds)


def _at(level: float, seconds: float) -> bytes:
    return np.full(int(seconds * RATE_HZ), int(level * 32768), "<i2").tobytes()


class LoudnessDetector(VoiceDetector, VoiceActivity):
    @override
    def follow(self, rate_hz: int) -> VoiceActivity:
        return self

    @override
    def probability(self, moment: Samples) -> float:
        return float(np.abs(moment).mean()) * 2


class ScriptedDecoding(Decoding):
    def __init__(
        self, *texts: str, takes_s: float = 0.3, is_busy: bool = False
    ) -> None:
        self.given: list[Spoken] = []
        self.dropped = 0
        self.fails: SpeechError | None = None
        self._texts = list(texts)
        self._takes_s = takes_s
        self._is_busy = is_busy

    @override
    def require(self, language: str) -> None:
        if language == "tlh":
            raise SpeechError("no recogniser understands tlh")

    @override
    def gives_partials(self, language: str) -> bool:
        return not self._is_busy

    @override
    async def decode(self, said: Spoken, understand: Callable[[Recognition], T]) -> T:
        self.given.append(said)
        try:
            await asyncio.sleep(self._takes_s)
        except asyncio.CancelledError:
            self.dropped += 1
            raise
        if self.fails:
            raise self.fails
        text = self._texts.pop(0) if len(self._texts) > 1 else self._texts[0]
        return understand(Recognition(text, 0.9, 0.0))

    decode_when_quiet = decode


def heard(text: str, fits: Iterable[tuple[str, float]] = ()) -> Recognition:
    """What an engine wrote, and how well other phrases would have fitted."""
    known = dict(fits)
    if not known:
        return Recognition(text, 0.81, 0.0)
    return Recognition(
        text, 0.81, 0.0, lambda phrases: [known.get(it, -99.0) for it in phrases]
    )
