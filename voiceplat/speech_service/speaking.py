"""Speak's audio: each script made once by the chosen voices, kept ready to play.

A slow engine has a thread of its own. Who waits for it too long hears another engine;
what the slow one was making is finished and kept, for the next time.
"""

import asyncio
import os
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import structlog

from voiceplat.calls.script import Script
from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import Settings
from voiceplat.metrics.speech import SpeechFigures
from voiceplat.speech import voices
from voiceplat.speech.audio import join, write_wav
from voiceplat.speech.cache import normalise, prompt_path, use
from voiceplat.speech.engine import SynthesizerInfo
from voiceplat.speech.performing import Engines, perform
from voiceplat.speech_service.sharing import SharedWork
from voiceplat.speech_service.shelf import Shelf

_TEXTS_AT_ONCE: Final = 2
"""So that a page of text, or a slow engine, does not hold up a short prompt."""

_NICENESS: Final = 10

log = structlog.get_logger()


class Speaking:
    def __init__(
        self,
        settings: Settings,
        engines: Engines,
        shelf: Shelf,
        figures: SpeechFigures | None = None,
    ) -> None:
        self._figures = figures or SpeechFigures()
        self._engines = engines
        self._slow = {info.name for info, _ in engines.values() if info.slow}
        installed = [info for info, _ in engines.values()]
        self._any_voice = _chooser(installed)
        self._quick_voice = _chooser(it for it in installed if not it.slow)
        self._settings = settings.speech
        self._rate_hz = settings.media.clock_rate_hz
        self._shelf = shelf
        self._being_made: SharedWork[Path] = SharedWork()
        self._threads = ThreadPoolExecutor(_TEXTS_AT_ONCE, "speak")
        self._slow_thread = ThreadPoolExecutor(1, "speak-slow", _give_way)
        self._waiting = 0
        """Scripts that the slow thread has or will have."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for threads in (self._threads, self._slow_thread):
            threads.shutdown(wait=True, cancel_futures=True)

    async def speak(self, script: Script, voice: str, language: str) -> Path:
        """The script as a WAV in the cache. Raises SpeechError."""
        if (length := len(script.text)) > self._settings.speak_max_chars:
            raise SpeechError(
                f"{length} characters; at most {self._settings.speak_max_chars}"
            )
        spoken = normalise(script)
        cast = voices.cast(spoken, voice, language, self._any_voice)
        if not cast.engines & self._slow:
            return await self._made(spoken, cast)
        try:
            return await self._in_time(spoken, cast)
        except _TooSlow:
            stand_in = voices.cast(spoken, voice, language, self._quick_voice)
            log.info("speech_stand_in", engine=stand_in.own.engine)
            self._figures.stand_ins.inc()
            return await self._made(spoken, stand_in)

    async def _in_time(self, script: Script, cast: voices.Cast) -> Path:
        """Raises _TooSlow."""
        path = prompt_path(self._shelf.folder, cast, script, self._rate_hz)
        if not use(path) and self._waiting >= self._settings.slow_voice_queue:
            raise _TooSlow
        try:
            async with asyncio.timeout(self._settings.slow_voice_wait_ms / 1000):
                return await self._made(script, cast)
        except TimeoutError as error:
            raise _TooSlow from error

    async def _made(self, script: Script, cast: voices.Cast) -> Path:
        path = prompt_path(self._shelf.folder, cast, script, self._rate_hz)
        if use(path):
            return path
        return await self._being_made.get(
            str(path), lambda: self._make(script, cast, path)
        )

    async def _make(self, script: Script, cast: voices.Cast, path: Path) -> Path:
        is_slow = bool(cast.engines & self._slow)
        self._waiting += is_slow
        try:
            with self._figures.synthesis.labels(cast.own.engine).time():
                await asyncio.get_running_loop().run_in_executor(
                    self._slow_thread if is_slow else self._threads,
                    partial(self._write, script, cast, path),
                )
        finally:
            self._waiting -= is_slow
        await self._shelf.added(path)
        return path

    def _write(self, script: Script, cast: voices.Cast, path: Path) -> None:
        sounds = perform(script, cast, self._engines, self._rate_hz)
        write_wav(path, join(sounds, self._rate_hz), self._rate_hz)


def _give_way() -> None:
    """Calls and quick voices go first; threads that this one starts inherit it."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)


class _TooSlow(Exception):
    """A caller has waited long enough, or would."""


def _chooser(installed: Iterable[SynthesizerInfo]) -> voices.Choose:
    return lru_cache(maxsize=1024)(partial(voices.choose, installed=tuple(installed)))
