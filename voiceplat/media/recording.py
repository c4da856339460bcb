"""The recordings of one live call: its legs' audio into takes of the spool."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

import structlog
from typing_extensions import override

from voiceplat.calls import params
from voiceplat.calls.call import Call
from voiceplat.calls.leg import CallEnded, Leg, Sound
from voiceplat.calls.noting import CallNotes
from voiceplat.calls.recording import (
    Channels,
    EndReason,
    Recording,
    RecordingOrder,
    Taken,
)
from voiceplat.calls.status import CallStatus
from voiceplat.calls.taking import CallRecorder, RecordingWanted, Scope, Taking
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import MediaError, NoRoom
from voiceplat.core.ids import new_recording_id
from voiceplat.core.race import first_of, never
from voiceplat.media.place import Place
from voiceplat.recordings.links import media_url
from voiceplat.recordings.spool import Spool, Take

log = structlog.get_logger()

LOOK_S: Final = 1.0
"""How often a recording sees whether the disk still takes it."""
LOOKS_IN_VAIN: Final = 3
"""A file that has not grown for so many looks is not written any more."""

Tell = Callable[[Recording], None]

_ALONE: Final = {Scope.CALLER: Sound.SAID, Scope.CALL: Sound.BOTH}
STEREO: Final = {"left": Sound.SAID, "right": Sound.HEARD}


class LiveTaking(Taking):
    """One recording: its task waits for the reason to end, which anybody may set."""

    def __init__(
        self,
        order: RecordingOrder,
        leg: Leg,
        sounds: Mapping[str, Sound],
        notes: CallNotes | None = None,
    ) -> None:
        self.order = order
        self._notes = notes
        self._leg = leg
        self._sounds = sounds
        self._reason: asyncio.Future[EndReason] = (
            asyncio.get_running_loop().create_future()
        )
        self._taken: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        self._started = asyncio.Event()
        self._failure = ""

    @override
    def start(self) -> None:
        self._started.set()

    @override
    async def until_over(self) -> EndReason:
        return await asyncio.shield(self._reason)

    @override
    async def end(self, reason: EndReason) -> Taken:
        """See calls.taking.Taking.end."""
        self.over(reason)
        return await asyncio.shield(self._taken)

    def over(self, reason: EndReason) -> None:
        if not self._reason.done():
            self._reason.set_result(reason)

    async def run(self, spool: Spool, rate_hz: int, tell: Tell) -> None:
        """Until it is over and the archive has it; `tell` of what nobody archives."""
        try:
            take = await asyncio.to_thread(
                spool.begin, self.order, rate_hz=rate_hz, tracks=tuple(self._sounds)
            )
        except NoRoom as error:
            log.warning("recording_not_begun", why=str(error))
            self._gave_up(str(error), tell)
            return
        try:
            self.over(await first_of(self.until_over(), self._fill(take)))
        finally:
            self.over(EndReason.HANGUP)
            reason = self._reason.result()
            taken = take.end(reason, self._failure)
            self._taken.set_result(taken)
            if self._notes and self._started.is_set():
                self._notes.recording(self.order.id, "ends", taken.duration)
            log.info("recording_over", recording=self.order.id, reason=reason)

    async def _fill(self, take: Take) -> EndReason:
        await self._started.wait()
        take.starts()
        if self._notes:
            self._notes.recording(self.order.id, "begins")
        return await first_of(
            self._record(take), self._until_limit(), self._until_full(take)
        )

    async def _record(self, take: Take) -> EndReason:
        try:
            tracks = zip(take.tracks, self._sounds.values(), strict=True)
            await self._leg.record(dict(tracks))
        except CallEnded:
            return EndReason.HANGUP
        except MediaError as error:
            log.warning("recording_failed", recording=self.order.id, why=str(error))
            self._failure = str(error)
        return EndReason.HANGUP

    async def _until_limit(self) -> EndReason:
        if (limit := self.order.limit) is None:
            return await never()
        await asyncio.sleep(limit.total_seconds())
        return EndReason.MAX_LENGTH

    async def _until_full(self, take: Take) -> EndReason:
        """Returns when the disk takes no more, or should not."""
        looks_in_vain, seen = 0, timedelta(0)
        while take.has_room and looks_in_vain < LOOKS_IN_VAIN:
            await asyncio.sleep(LOOK_S)
            looks_in_vain = 0 if take.length > seen else looks_in_vain + 1
            seen = take.length
        log.error("recording_cut", recording=self.order.id, why="the disk is full")
        return EndReason.NO_ROOM

    def _gave_up(self, why: str, tell: Tell) -> None:
        """There is no file, and never will be."""
        self.over(EndReason.NO_ROOM)
        now, nothing = utc_now(), timedelta(0)
        reason = self._reason.result()
        self._taken.set_result(Taken(started_at=now, duration=nothing, reason=reason))
        tell(
            Recording(
                order=self.order,
                started_at=now,
                duration=nothing,
                end_reason=reason,
                failure=why,
            )
        )


class LiveRecorder(CallRecorder):
    """An async context manager: leaving it ends all recordings of the call."""

    def __init__(
        self, call: Call, leg: Leg, place: Place, status: Callable[[], CallStatus]
    ) -> None:
        self._call = call
        self._leg = leg
        self._place = place
        self._status = status
        self._takings: dict[LiveTaking, asyncio.Task[None]] = {}
        self._at_dial_answer: list[RecordingOrder] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End all that is recorded; returns when the archive has it."""
        for taking in self._takings:
            taking.over(EndReason.HANGUP)
        await asyncio.gather(*self._takings.values(), return_exceptions=True)

    @property
    @override
    def has_audio(self) -> bool:
        return self._leg.has_media

    @override
    def order(self, wanted: RecordingWanted) -> RecordingOrder:
        """See calls.taking.CallRecorder.order."""
        call = self._call
        return RecordingOrder(
            id=new_recording_id(),
            account=call.account,
            call_uuid=call.uuid,
            from_=call.from_,
            to=call.to,
            format=wanted.format,
            channels=wanted.channels,
            limit=timedelta(seconds=wanted.limit_s),
            ready=wanted.ready,
            ready_params=params.standard(call, self._status()),
            transcription=wanted.transcription,
        )

    @override
    def url(self, order: RecordingOrder) -> str:
        return media_url(order, self._place.settings)

    @override
    def start(self, order: RecordingOrder) -> LiveTaking:
        """See calls.taking.CallRecorder.start."""
        taking = self.open(order)
        taking.start()
        return taking

    @override
    def open(self, order: RecordingOrder, scope: Scope = Scope.CALL) -> LiveTaking:
        """See calls.taking.CallRecorder.open."""
        stereo = order.channels is Channels.STEREO
        sounds = STEREO if stereo else {"mix": _ALONE[scope]}
        notes = self._place.notes_of(self._call)
        taking = LiveTaking(order, self._leg, sounds, notes)
        task = asyncio.create_task(self._see_through(taking))
        self._takings[taking] = task
        task.add_done_callback(lambda _: self._takings.pop(taking))
        return taking

    async def _see_through(self, taking: LiveTaking) -> None:
        settings = self._place.settings
        try:
            await taking.run(
                Spool.of(settings), settings.media.clock_rate_hz, self._tell
            )
        except Exception:  # what was recorded is in the spool; the call goes on
            log.exception("recording_failed", recording=taking.order.id)

    @override
    def start_at_dial_answer(self, order: RecordingOrder) -> None:
        self._at_dial_answer.append(order)

    @override
    def dial_answered(self) -> None:
        for order in self._at_dial_answer:
            self.start(order)
        self._at_dial_answer.clear()

    @override
    def stop(self, recording: str = "") -> bool:
        """See calls.taking.CallRecorder.stop."""
        stopped = [it for it in self._takings if recording in ("", it.order.id)]
        for taking in stopped:
            taking.over(EndReason.STOPPED)
        return bool(stopped)

    def _tell(self, recording: Recording) -> None:
        place = self._place
        place.reporter.tell(lambda: place.bus.events.recorded(recording))
