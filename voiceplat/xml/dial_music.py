"""What the A leg hears while the callees ring: `dialMusic` (plivo-xml 3.6).

A caller who has not been answered hears the ringback of its own phone; our tone is for
those who have.
"""

import asyncio

import structlog

from voiceplat.calls.leg import Leg
from voiceplat.calls.session import CallSession, Tone
from voiceplat.core.errors import MediaError
from voiceplat.xml.dial_plan import REAL, RINGBACK
from voiceplat.xml.prompting import play_all
from voiceplat.xml.sound_document import sounds_of

log = structlog.get_logger()


class Music:
    def __init__(self, kind: str, call: CallSession) -> None:
        self._kind = kind
        self._call = call
        self._early: asyncio.Queue[Leg] = asyncio.Queue()

    def hear(self, leg: Leg) -> None:
        """A callee's own early media has begun."""
        if self._kind == REAL:
            self._early.put_nowait(leg)

    async def play(self) -> None:
        """Until cancelled; what cannot be played is passed over."""
        try:
            if self._kind == REAL:
                await self._play_theirs()
            elif self._kind != RINGBACK:
                await self._play_document()
            await self._ring_back()
        except MediaError as error:
            log.warning("dial_music_skipped", why=str(error))

    async def _play_theirs(self) -> None:
        ringing = asyncio.create_task(self._ring_back())
        try:
            while True:
                leg = await self._early.get()
                ringing.cancel()
                await self._call.leg.open_early_media()
                await self._call.leg.bridge(leg)
        finally:
            ringing.cancel()
            await asyncio.gather(ringing, return_exceptions=True)

    async def _play_document(self) -> None:
        steps = await sounds_of(self._kind, self._call)
        if steps:
            await self._call.leg.open_early_media()
        while steps:
            began = asyncio.get_running_loop().time()
            await play_all(steps, self._call)
            if asyncio.get_running_loop().time() == began:
                return  # nothing of it could be heard

    async def _ring_back(self) -> None:
        if not self._call.leg.answered:
            return
        ringback = await self._call.prompts.tone(Tone.RINGBACK)
        while True:
            await self._call.leg.play(ringback)
