"""Loads every installed engine, side by side; one that fails is left out and logged."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import structlog

from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import SpeechSettings
from voiceplat.speech.engine import Recogniser, Synthesizer, SynthesizerInfo
from voiceplat.speech.registry import recognisers, synthesizers

E = TypeVar("E")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Engines:
    synthesizers: dict[str, tuple[SynthesizerInfo, Synthesizer]]
    recogniser: Recogniser | None
    names: tuple[str, ...]
    """Of all that are loaded."""


def load_engines(settings: SpeechSettings) -> Engines:
    """Raises SpeechError when there is no voice at all."""
    with ThreadPoolExecutor() as threads:
        voices = [
            (info, threads.submit(engine.load, settings))
            for engine, info in synthesizers().items()
        ]
        ears = [
            (info, threads.submit(engine.load, settings))
            for engine, info in recognisers().items()
        ]
    speaking = {
        info.name: (info, engine)
        for info, loading in voices
        if (engine := _loaded(info.name, loading))
    }
    listening = {
        info.name: ear for info, loading in ears if (ear := _loaded(info.name, loading))
    }
    if not speaking:
        raise SpeechError("no synthesizer can be loaded; install espeak-ng")
    return Engines(
        speaking, next(iter(listening.values()), None), (*speaking, *listening)
    )


def _loaded(name: str, loading: Future[E]) -> E | None:
    try:
        return loading.result()
    except SpeechError as error:
        log.warning("speech_engine_left_out", engine=name, why=str(error))
        return None
