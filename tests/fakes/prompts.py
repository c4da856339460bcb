"""Prompts that are ready at once, or after a while, or never; with memory.

The audio of a text is named after the text, that of a URL after its last part: what a
fake leg has played can be read as it was written in the document.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from typing_extensions import override

from voiceplat.calls.script import Script
from voiceplat.calls.session import Prompts, Tone
from voiceplat.core.errors import MediaError, SpeechError


@dataclass(frozen=True, slots=True)
class Spoken:
    text: str
    voice: str
    language: str


class FakePrompts(Prompts):
    def __init__(
        self,
        *,
        missing: Collection[str] = (),
        unspeakable: Collection[str] = (),
        takes_s: float = 0.0,
        longest_text: int = 3000,
    ) -> None:
        self.spoken: list[Spoken] = []
        self.scripts: list[Script] = []
        """What was spoken, with the manner of it."""
        self.fetched: list[str] = []
        self.gone: set[Path] = set()
        """Audio that left the cache after it was given."""
        self._missing = frozenset(missing)
        self._unspeakable = frozenset(unspeakable)
        self._takes_s = takes_s
        self._longest_text = longest_text

    @property
    @override
    def longest_text(self) -> int:
        return self._longest_text

    @override
    async def speak(self, script: Script, *, voice: str, language: str) -> Path:
        await asyncio.sleep(self._takes_s)
        text = script.text
        self.scripts.append(script)
        self.spoken.append(Spoken(text, voice, language))
        if text in self._unspeakable:
            raise SpeechError(f"no voice says {text!r}")
        return Path(text[:80] or "silence")

    @override
    async def fetch(self, url: str) -> Path:
        await asyncio.sleep(self._takes_s)
        self.fetched.append(url)
        if url in self._missing:
            raise MediaError("answered 404")
        return Path(url.rpartition("/")[2])

    @override
    async def tone(self, tone: Tone) -> Path:
        return Path(tone)

    @override
    def still_there(self, audio: Path) -> bool:
        return audio not in self.gone
