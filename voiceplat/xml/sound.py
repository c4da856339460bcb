"""A prompt that is ready to begin: what Play and Speak are once there is audio.

A long text is made in parts. The one that plays is heard while the next is made; the
order is kept, and leaving the element ends the making too.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from voiceplat.calls.outcome import Outcome, Proceed
from voiceplat.calls.session import CallSession
from voiceplat.core.errors import MediaError, SpeechError, Unavailable
from voiceplat.xml.values import rounds

log = structlog.get_logger()

Make = Callable[[], Awaitable[Path]]
"""Gets a part's audio, and once more: what plays for hours may leave the cache."""


@dataclass(frozen=True, slots=True)
class Sound:
    first: Path
    """The audio of the first part."""
    parts: tuple[Make, ...]
    loop: int = 1
    """0 plays until the call ends or something else interrupts."""

    async def execute(self, call: CallSession) -> Outcome:
        """Play it; audio that cannot be made or played is passed over."""
        parts = [_Part(call, make) for make in self.parts]
        parts[0].audio = self.first
        for _ in rounds(self.loop):
            if not await _play(call, parts):
                break  # there is nothing to be heard, however often
        return Proceed()


@dataclass(slots=True)
class _Part:
    call: CallSession
    make: Make
    audio: Path | None = None

    async def ready(self) -> Path | None:
        """Its audio; None when it cannot be made."""
        try:
            if not self.audio or not self.call.prompts.still_there(self.audio):
                self.audio = await self.make()
        except (MediaError, SpeechError, Unavailable) as error:
            self.audio = None
            log.warning("audio_not_made", why=str(error))
        return self.audio


async def _play(call: CallSession, parts: list[_Part]) -> bool:
    """One round; whether anything was heard."""
    heard = False
    coming = asyncio.create_task(parts[0].ready())
    try:
        for following in (*parts[1:], None):
            audio = await coming
            if following:
                coming = asyncio.create_task(following.ready())
            heard |= audio is not None and await _heard(call, audio)
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
    return heard


async def _heard(call: CallSession, audio: Path) -> bool:
    try:
        await call.leg.play(audio)
    except MediaError as error:
        log.warning("audio_not_played", why=str(error))
        return False
    return True


@dataclass(frozen=True, slots=True)
class Silence:
    """A prompt that could not be made: the next element's turn."""

    async def execute(self, call: CallSession) -> Outcome:
        _ = call
        return Proceed()
