"""Finds the installed engines: entry points of group `voiceplat.speech`.

The built-in engines enter by the same door (pyproject.toml). An engine whose package
is broken is left out and said so in the log: the others go on speaking.
"""

from functools import lru_cache
from importlib.metadata import entry_points

import structlog

from voiceplat.speech.engine import (
    Recogniser,
    RecogniserInfo,
    Synthesizer,
    SynthesizerInfo,
)

GROUP = "voiceplat.speech"

log = structlog.get_logger()


@lru_cache(maxsize=1)
def synthesizers() -> dict[type[Synthesizer], SynthesizerInfo]:
    """The synthesizers that can be used here, the preferred one first."""
    found: dict[type[Synthesizer], SynthesizerInfo] = {}
    for engine in _engines():
        if issubclass(engine, Synthesizer) and (info := engine.describe()):
            found[engine] = info
    return dict(sorted(found.items(), key=_preferred_first))


@lru_cache(maxsize=1)
def recognisers() -> dict[type[Recogniser], RecogniserInfo]:
    """The recognisers that can be used here, the preferred one first."""
    found: dict[type[Recogniser], RecogniserInfo] = {}
    for engine in _engines():
        if issubclass(engine, Recogniser) and (info := engine.describe()):
            found[engine] = info
    return dict(sorted(found.items(), key=_preferred_first))


def _preferred_first(
    entry: tuple[type[object], SynthesizerInfo | RecogniserInfo],
) -> tuple[int, str]:
    return -entry[1].preference, entry[1].name


def _engines() -> list[type[object]]:
    engines: list[type[object]] = []
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            engine = entry.load()
        except (ImportError, AttributeError) as error:
            log.warning("speech_engine_broken", engine=entry.name, why=str(error))
            continue
        engines.append(engine)
    return engines
