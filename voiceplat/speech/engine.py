"""What a speech engine is: its capabilities as data, and the one thing it does.

An engine is a class behind an entry point of group `voiceplat.speech`. `describe` and
`version` are cheap and load no model: call workers read them to know which voice will
speak and under which name its audio is cached. `load` is called in the speech service.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from voiceplat.calls.voices import Gender
from voiceplat.core.settings import SpeechSettings

Samples = NDArray[np.float32]
"""Mono, -1.0 to 1.0."""

RECOGNISER_RATE_HZ = 16000


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of an engine; a `language` without region is at home in all of them."""

    id: str
    language: str
    gender: Gender


@dataclass(frozen=True, slots=True)
class SynthesizerInfo:
    """What a synthesizer can do on this machine."""

    name: str
    version: str
    voices: tuple[Voice, ...]
    streaming: bool
    """Whether the first sentence is heard before the last one is made."""
    preference: int
    """Of two engines with the voice asked for, the higher one speaks."""
    shifts_pitch: bool = False
    """Whether it raises and lowers its voice itself; else its sound is shifted."""
    slow: bool = False
    """Whether a caller may be kept waiting; then another engine stands in."""

    @property
    def languages(self) -> frozenset[str]:
        return frozenset(voice.language for voice in self.voices)

    @property
    def genders(self) -> frozenset[Gender]:
        return frozenset(voice.gender for voice in self.voices)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text; `ipa` is how it is pronounced, where the document says so."""

    text: str
    ipa: str = ""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What a voice says in one go. An engine that takes no phonemes says the text."""

    spans: tuple[Span, ...]
    voice: str
    """The id of one of its voices."""
    rate: float = 1.0
    pitch: float = 1.0
    """Never other than 1.0 unless the engine shifts pitch itself."""

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class RecogniserInfo:
    """What a recogniser can do on this machine."""

    name: str
    version: str
    languages: frozenset[str]
    """Primary language subtags."""
    preference: int
    """Of two engines with the language, the higher one listens."""
    effort: float = 1.0
    """Time of a decode, Whisper base is 1.0; when many wait the least listens."""
    partials: bool = True
    """Whether it may be asked again and again while somebody speaks."""
    at_once: int = 0
    """Decodes it can run at once elsewhere, as a cloud engine does. 0: it computes
    here, and shares `speech.decodes_at_once` with the others that do."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What somebody said, and what the engine may know of it beforehand."""

    samples: Samples
    """At RECOGNISER_RATE_HZ."""
    language: str
    """A BCP-47 tag."""
    hints: tuple[str, ...] = ()
    """Phrases to expect. An engine that makes no use of them leaves them alone: the
    service matches what was understood against them, whatever the engine."""
    model: str = "default"
    """GetInput's `speechModel`, for engines that have several."""


PhraseScores = Callable[[Sequence[str]], list[float]]
"""How well each phrase fits the sound: log-probabilities, comparable among them."""


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was understood; `text` is empty when nobody spoke."""

    text: str
    confidence: float
    """0.0 to 1.0: the geometric mean of the probabilities of the words' parts."""
    no_speech_prob: float
    score: PhraseScores | None = field(default=None, repr=False, compare=False)
    """Looks at the same sound again; None when the engine cannot. Blocks."""


@dataclass(frozen=True, slots=True)
class Sound:
    samples: Samples
    rate_hz: int


class Synthesizer(ABC):
    """Makes speech. `say` blocks and may be called from several threads at once."""

    @classmethod
    @abstractmethod
    def describe(cls) -> SynthesizerInfo | None:
        """Its capabilities, or None when it is not installed here."""

    @classmethod
    @abstractmethod
    def load(cls, settings: SpeechSettings) -> Self:
        """Ready to speak; a slow one may load its model when it first does.

        Raises SpeechError when it cannot be loaded.
        """

    @abstractmethod
    def say(self, utterance: Utterance) -> Iterator[Sound]:
        """One sound per sentence, each when it is ready. Raises SpeechError."""


class Recogniser(ABC):
    """Understands speech. `recognise` blocks and is called from several threads."""

    @classmethod
    @abstractmethod
    def describe(cls) -> RecogniserInfo | None:
        """Its capabilities, or None when it is not installed here."""

    @classmethod
    @abstractmethod
    def load(cls, settings: SpeechSettings) -> Self:
        """Ready to listen at once. Raises SpeechError when it cannot be loaded."""

    @abstractmethod
    def recognise(self, said: Spoken) -> Recognition:
        """Raises SpeechError; the next engine of the language is then asked."""


def models_folder(settings: SpeechSettings, name: str) -> Path:
    """Where set-up put the model files of an engine."""
    return settings.models / name
