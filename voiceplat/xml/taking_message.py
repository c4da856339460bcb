"""A message of the caller: a beep, then the recording, until something ends it."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import structlog

from voiceplat.calls import recording_params
from voiceplat.calls.leg import CallEnded
from voiceplat.calls.outcome import Outcome
from voiceplat.calls.recording import EndReason, RecordingOrder
from voiceplat.calls.session import CallSession
from voiceplat.calls.taking import RecordingWanted, Scope, Taking
from voiceplat.core.errors import MediaError
from voiceplat.core.race import first_of, never
from voiceplat.signals.silence import SilenceWatch
from voiceplat.xml.action import ActionElement, tell

log = structlog.get_logger()

Ending = tuple[EndReason, str]
"""Why, and the key that did it."""


@dataclass(frozen=True, slots=True)
class TakingMessage:
    wanted: RecordingWanted
    beep: Path | None
    silence_s: int
    finish_keys: str
    action: ActionElement

    async def execute(self, call: CallSession) -> Outcome:
        """Record until key, silence, limit or hang-up; then ask or tell `action`.

        A caller who hangs up has left a message, too: the URL is told, and whatever it
        answers comes too late (plivo-xml 2.8).
        """
        order = call.recorder.order(self.wanted)
        taking = call.recorder.open(order, Scope.CALLER)
        try:
            reason, key = await self._record(call, taking)
        except (CallEnded, asyncio.CancelledError):
            hung_up = call.leg.ended is not None
            reason = EndReason.HANGUP if hung_up else EndReason.STOPPED
            fields = await self._ended(call, order, taking, reason, "")
            if hung_up and self.action.action:
                tell(call, self.action.action, self.action.method, fields)
            raise
        fields = await self._ended(call, order, taking, reason, key)
        return self.action.reported(call, fields)

    async def _record(self, call: CallSession, taking: Taking) -> Ending:
        if self.beep is not None:
            await self._play_beep(call, self.beep)
        call.leg.forget_digits()
        taking.start()
        return await first_of(
            self._until_key(call), self._until_silence(call), _until_over(taking)
        )

    @staticmethod
    async def _play_beep(call: CallSession, beep: Path) -> None:
        try:
            await call.leg.play(beep)
        except MediaError as error:
            log.warning("beep_skipped", why=str(error))

    async def _until_key(self, call: CallSession) -> Ending:
        while (key := await call.leg.next_digit()) not in self.finish_keys:
            pass
        return EndReason.FINISH_KEY, key

    async def _until_silence(self, call: CallSession) -> Ending:
        below_dbfs = call.settings.media.silence_below_dbfs
        watch = SilenceWatch(self.silence_s * 1000, below_dbfs)
        silent = asyncio.Event()

        def hear(frame: bytes) -> None:
            if watch.hear(frame):
                silent.set()

        try:
            await first_of(call.leg.listen(hear), _until(silent))
        except MediaError as error:
            log.warning("silence_not_heard", why=str(error))
            return await never()
        return EndReason.SILENCE, ""

    @staticmethod
    async def _ended(
        call: CallSession,
        order: RecordingOrder,
        taking: Taking,
        reason: EndReason,
        key: str,
    ) -> dict[str, str]:
        taken = await taking.end(reason)
        url = call.recorder.url(order)
        return recording_params.ended(order, url, taken, key)


async def _until(event: asyncio.Event) -> None:
    await event.wait()


async def _until_over(taking: Taking) -> Ending:
    return await taking.until_over(), ""
