"""When somebody began to speak, paused, went on and was done.

It counts sound, not time: a moment heard late is judged like one heard in time.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Self

from voiceplat.core.settings import SpeechSettings
from voiceplat.speech_service.voice_activity import MOMENT_MS

_SPEECH_FROM: Final = 0.5
_SILENCE_BELOW: Final = 0.35
"""Between the two things stay as they are, so that a faint syllable ends nothing."""


class Turn(Enum):
    STARTED = auto()
    PAUSED = auto()
    """Perhaps the end: it is worth beginning to decode."""
    RESUMED = auto()
    ENDED = auto()


@dataclass(frozen=True, slots=True)
class Patience:
    """The lengths that decide, in moments."""

    start: int
    start_in_prompt: int
    pause: int
    end: int
    longest: int

    @classmethod
    def of(cls, settings: SpeechSettings, end_silence_s: float | None) -> Self:
        end_ms = (
            settings.end_silence_ms if end_silence_s is None else end_silence_s * 1000
        )
        return cls(
            start=_moments(settings.speech_start_ms),
            start_in_prompt=_moments(settings.speech_start_in_prompt_ms),
            pause=min(_moments(settings.decode_after_ms), _moments(end_ms)),
            end=_moments(end_ms),
            longest=_moments(settings.utterance_max_s * 1000),
        )


class Endpointer:
    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._voiced = 0
        """Moments of speech in a row, while nobody is known to speak."""
        self._length = 0
        """Of the utterance that runs; 0 when nobody speaks."""
        self._silent = 0
        """Moments since its last speech."""
        self._paused = False

    @property
    def speaks(self) -> bool:
        return self._length > 0

    def hear(self, probability: float, *, in_prompt: bool) -> tuple[Turn, ...]:
        """What this moment of sound changes; an end always comes with a pause."""
        if self.speaks:
            return self._go_on(probability)
        self._voiced = self._voiced + 1 if probability >= _SPEECH_FROM else 0
        needed = self._patience.start_in_prompt if in_prompt else self._patience.start
        if self._voiced < needed:
            return ()
        self._length, self._voiced = self._voiced, 0
        return (Turn.STARTED,)

    def finish(self) -> tuple[Turn, ...]:
        """No more sound comes."""
        return self._end() if self.speaks else ()

    def _go_on(self, probability: float) -> tuple[Turn, ...]:
        self._length += 1
        if probability >= _SPEECH_FROM:
            self._silent = 0
        elif self._silent or probability < _SILENCE_BELOW:
            self._silent += 1
        if self._silent >= self._patience.end or self._length >= self._patience.longest:
            return self._end()
        if self._paused and not self._silent:
            self._paused = False
            return (Turn.RESUMED,)
        if not self._paused and self._silent >= self._patience.pause:
            self._paused = True
            return (Turn.PAUSED,)
        return ()

    def _end(self) -> tuple[Turn, ...]:
        turns = (Turn.ENDED,) if self._paused else (Turn.PAUSED, Turn.ENDED)
        self._length = self._silent = 0
        self._paused = False
        return turns


def _moments(milliseconds: float) -> int:
    return max(1, round(milliseconds / MOMENT_MS))
