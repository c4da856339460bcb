"""What all legs have in common whose audio is a port of this process's bridge.

Where their signalling is, in this process or in another, is their own business: it
tells what happened to the leg, and this knows who waits for it.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Final

from typing_extensions import override

from voiceplat.calls.leg import CallEnded, KeyWatch, Leg, Sound, no_watch
from voiceplat.core.errors import MediaError
from voiceplat.core.race import first_of
from voiceplat.telephony.leg_audio import LegAudio

DIGITS: Final = frozenset("0123456789*#ABCDabcd")
PAUSES_S: Final = {"w": 0.5, "W": 1.0}


class AudibleLeg(Leg):
    def __init__(self, audio: LegAudio) -> None:
        self.audio = audio
        self._over = asyncio.Event()
        self._rang = asyncio.Event()
        self._media = asyncio.Event()
        self._answer = asyncio.Event()
        self._watch: KeyWatch = no_watch

    @property
    @override
    def has_media(self) -> bool:
        return self._media.is_set() and self.ended is None

    @override
    def claim(self) -> None:
        """Only who gets INVITEs can."""

    @override
    async def until_ringing(self) -> None:
        await self._until(self._rang)

    @override
    async def until_media(self) -> None:
        await self._until(self._media)

    @override
    async def until_answered(self) -> None:
        await self._until(self._answer)
        await self._until(self._media)

    @override
    async def play(self, audio: Path) -> None:
        self._need_media()
        await self.audio.play(audio)
        self._live()

    @override
    async def record(self, tracks: Mapping[Path, Sound]) -> None:
        self._need_media()
        await self.audio.record(tracks)
        self._live()

    @override
    async def listen(self, hear: Callable[[bytes], None]) -> None:
        self._need_media()
        await self.audio.listen(hear)
        self._live()

    @override
    async def bridge(self, other: Leg) -> None:
        self._live()
        if not isinstance(other, AudibleLeg):
            raise MediaError("the other leg has no audio in this process")
        with self.audio.joined(other.audio):
            await first_of(self.audio.over.wait(), other.audio.over.wait())
        self._live()

    @override
    def hushed(self, *, hush: bool = True) -> AbstractContextManager[None]:
        return self.audio.hushed() if hush else nullcontext()

    @override
    def watch_keys(self, watch: KeyWatch) -> None:
        self._watch = watch

    def _is_over(self) -> None:
        """Wake all that wait."""
        self.audio.end()
        for event in (self._rang, self._answer, self._media):
            event.set()
        self._over.set()

    def _live(self) -> None:
        """Raises CallEnded once it has ended."""
        if self.ended is not None:
            raise CallEnded(self.ended)

    def _need_media(self) -> None:
        self._live()
        if not self.has_media:
            raise MediaError("there is no media yet")

    async def _until(self, event: asyncio.Event) -> None:
        self._live()
        await event.wait()
        self._live()

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._over.wait()
        self._live()


def check_digits(digits: str) -> None:
    """Raises ValueError when there is something else than digits and pauses."""
    if wrong := set(digits) - DIGITS - set(PAUSES_S):
        raise ValueError(f"not digits: {sorted(wrong)}")
