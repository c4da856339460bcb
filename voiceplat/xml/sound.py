"""A prompt that is ready: what Play and Speak are once their audio is there."""

from dataclasses import dataclass
from pathlib import Path

import structlog

from voiceplat.calls.outcome import Outcome, Proceed
from voiceplat.calls.session import CallSession
from voiceplat.core.errors import MediaError
from voiceplat.xml.values import rounds

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sound:
    audio: Path
    loop: int = 1
    """0 plays until the call ends or something else interrupts."""

    async def execute(self, call: CallSession) -> Outcome:
        """Play it; audio that cannot be played is passed over."""
        for _ in rounds(self.loop):
            try:
                await call.leg.play(self.audio)
            except MediaError as error:
                log.warning("audio_not_played", why=str(error))
                break
        return Proceed()


@dataclass(frozen=True, slots=True)
class Silence:
    """A prompt that could not be made: the next element's turn."""

    async def execute(self, call: CallSession) -> Outcome:
        _ = call
        return Proceed()
