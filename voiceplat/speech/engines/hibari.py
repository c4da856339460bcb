"""hibari: a small neural synthesizer, American English, one woman's voice (Apache-2.0).

Its weights are in its package. About 100 times faster than speech on one core, so one
loaded model serves a host; a lock per sentence keeps a long text from holding up a
short one. Its other voices are downloads, so they are not offered.
"""

from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from threading import Lock
from typing import Any, Final, Self

from typing_extensions import override

from voiceplat.calls.voices import Gender
from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import SpeechSettings
from voiceplat.speech.engine import (
    Sound,
    Span,
    Synthesizer,
    SynthesizerInfo,
    Utterance,
    Voice,
)
from voiceplat.speech.engines.misaki import at_once, marked_up, pieces

VOICE: Final = Voice(id="heart", language="en-US", gender=Gender.WOMAN)
_LONGEST_CHARS: Final = 300
"""The model's time and memory grow with the square of what it is given at once."""

_SLOWEST: Final = 0.2
_FASTEST: Final = 2.5

_SEED: Final = 1
"""The voice has a noise part; one seed makes a text sound the same each time."""


class Hibari(Synthesizer):
    def __init__(self, model: Any) -> None:  # noqa: ANN401 - the package is untyped
        self._model = model
        self._lock = Lock()

    @classmethod
    @override
    def describe(cls) -> SynthesizerInfo | None:
        try:
            installed = version("hibari-tts")
        except PackageNotFoundError:
            return None
        return SynthesizerInfo(
            "hibari", installed, (VOICE,), streaming=True, preference=50
        )

    @classmethod
    @override
    def load(cls, settings: SpeechSettings) -> Self:
        try:
            model = import_module("hibari").Hibari(
                voice=VOICE.id, threads=settings.threads
            )
        except (ImportError, OSError, RuntimeError) as error:
            raise SpeechError(f"hibari cannot be loaded: {error}") from error
        engine = cls(model)
        for _ in engine.say(Utterance((Span("Ready."),), VOICE.id)):
            pass  # the first sentence loads the dictionary and warms the model
        return engine

    @override
    def say(self, utterance: Utterance) -> Iterator[Sound]:
        speed = max(_SLOWEST, min(_FASTEST, utterance.rate))
        marked = marked_up(utterance, british=False)
        for sentence in self._model.split_sentences(marked):
            for part in pieces(sentence, _LONGEST_CHARS):
                with self._lock:
                    spoken = self._model(part, speed=speed, seed=_SEED)
                yield Sound(at_once(spoken), self._model.sample_rate)
