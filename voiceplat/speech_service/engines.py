"""Loads every installed engine, side by side; one that fails is left out and logged.

A recogniser that is no language's first choice is not waited for: the service answers
before it is there.
"""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import structlog

from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import SpeechSettings
from voiceplat.speech.engine import (
    Recogniser,
    RecogniserInfo,
    Synthesizer,
    SynthesizerInfo,
)
from voiceplat.speech.registry import recognisers, synthesizers
from voiceplat.speech_service.voice_activity import Silero, VoiceDetector

E = TypeVar("E")
Installed = tuple[RecogniserInfo, type[Recogniser]]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Engines:
    synthesizers: dict[str, tuple[SynthesizerInfo, Synthesizer]]
    recognisers: tuple[tuple[RecogniserInfo, Recogniser], ...]
    """The preferred one first."""
    spare: tuple[Installed, ...]
    """Not loaded yet: no language's first choice."""
    detector: VoiceDetector | None
    """Without it nobody can be listened to."""


def load_engines(settings: SpeechSettings) -> Engines:
    """Raises SpeechError when there is no voice at all."""
    first, spare = first_choices(recognisers())
    with ThreadPoolExecutor() as threads:
        voices = [
            (info, threads.submit(engine.load, settings))
            for engine, info in synthesizers().items()
        ]
        ears = [(info, threads.submit(ear.load, settings)) for info, ear in first]
        detector = threads.submit(Silero.load, settings)
    speaking = {
        info.name: (info, engine)
        for info, loading in voices
        if (engine := _loaded(info.name, loading))
    }
    if not speaking:
        raise SpeechError("no synthesizer can be loaded; install espeak-ng")
    listening = tuple(
        (info, ear) for info, loading in ears if (ear := _loaded(info.name, loading))
    )
    return Engines(speaking, listening, spare, _loaded("silero-vad", detector))


def load_spare(
    info: RecogniserInfo, engine: type[Recogniser], settings: SpeechSettings
) -> Recogniser | None:
    with ThreadPoolExecutor(1) as thread:
        return _loaded(info.name, thread.submit(engine.load, settings))


def first_choices(
    engines: Mapping[type[Recogniser], RecogniserInfo],
) -> tuple[list[Installed], tuple[Installed, ...]]:
    """Those that some language is understood by first, and the others."""
    known: set[str] = set()
    first: list[Installed] = []
    spare: list[Installed] = []
    for engine, info in engines.items():
        (spare if info.languages <= known else first).append((info, engine))
        known |= info.languages
    return first, tuple(spare)


def _loaded(name: str, loading: Future[E]) -> E | None:
    try:
        return loading.result()
    except SpeechError as error:
        log.warning("speech_engine_left_out", engine=name, why=str(error))
        return None
