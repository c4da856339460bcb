"""A prompt that is ready: what Play and Speak are once their audio is there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from voiceplat.calls.outcome import Outcome, Proceed
from voiceplat.calls.session import CallSession
from voiceplat.core.errors import MediaError, SpeechError, Unavailable
from voiceplat.xml.values import rounds

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sound:
    audio: Path
    again: Callable[[], Awaitable[Path]]
    """Gets it once more: what plays for hours may leave the cache meanwhile."""
    loop: int = 1
    """0 plays until the call ends or something else interrupts."""

    async def execute(self, call: CallSession) -> Outcome:
        """Play it; audio that cannot be played is passed over."""
        audio = self.audio
        try:
            for _ in rounds(self.loop):
                if not call.prompts.still_there(audio):
                    audio = await self.again()
                await call.leg.play(audio)
        except (MediaError, SpeechError, Unavailable) as error:
            log.warning("audio_not_played", why=str(error))
        return Proceed()


@dataclass(frozen=True, slots=True)
class Silence:
    """A prompt that could not be made: the next element's turn."""

    async def execute(self, call: CallSession) -> Outcome:
        _ = call
        return Proceed()
