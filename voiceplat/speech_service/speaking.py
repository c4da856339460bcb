"""Speak's audio: each text made once by the chosen engine, kept ready to play."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import Settings
from voiceplat.speech import voices
from voiceplat.speech.audio import join, write_wav
from voiceplat.speech.cache import normalise, prompt_path, use
from voiceplat.speech.engine import Synthesizer, SynthesizerInfo
from voiceplat.speech_service.sharing import SharedWork
from voiceplat.speech_service.shelf import Shelf

_TEXTS_AT_ONCE: Final = 2
"""So that a page of text, or a slow engine, does not hold up a short prompt."""


class Speaking:
    def __init__(
        self,
        settings: Settings,
        engines: Mapping[str, tuple[SynthesizerInfo, Synthesizer]],
        shelf: Shelf,
    ) -> None:
        self._engines = engines
        self._installed = tuple(info for info, _ in engines.values())
        self._max_chars = settings.speech.speak_max_chars
        self._rate_hz = settings.media.clock_rate_hz
        self._shelf = shelf
        self._being_made: SharedWork[Path] = SharedWork()
        self._threads = ThreadPoolExecutor(_TEXTS_AT_ONCE, "speak")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def speak(self, text: str, voice: str, language: str) -> Path:
        """The text as a WAV in the cache. Raises SpeechError."""
        if len(text) > self._max_chars:
            raise SpeechError(f"{len(text)} characters; at most {self._max_chars}")
        choice = voices.choose(voice, language, self._installed)
        spoken = normalise(text)
        path = prompt_path(self._shelf.folder, choice, spoken, self._rate_hz)
        if use(path):
            return path
        return await self._being_made.get(
            str(path), lambda: self._make(choice, spoken, path)
        )

    async def _make(self, choice: voices.Choice, text: str, path: Path) -> Path:
        _, engine = self._engines[choice.engine]
        await asyncio.get_running_loop().run_in_executor(
            self._threads,
            partial(_synthesize, engine, choice, text, path, self._rate_hz),
        )
        await self._shelf.added(path)
        return path


def _synthesize(
    engine: Synthesizer, choice: voices.Choice, text: str, path: Path, rate_hz: int
) -> None:
    write_wav(path, join(engine.say(text, choice.voice), rate_hz), rate_hz)
