"""The recordings of one room: its mix into takes of the spool.

The room's clock never waits for a disk: what was mixed is collected, and written by a
thread four times a second.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final, Protocol

import structlog
from typing_extensions import override

from voiceplat.calls.recording import EndReason, Recording, RecordingOrder
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import NoRoom
from voiceplat.core.settings import Settings
from voiceplat.mixer.conference import RoomRecorder
from voiceplat.mixer.sounds import ROOM_RATE_HZ
from voiceplat.recordings.links import media_url
from voiceplat.recordings.spool import Spool, Take

log = structlog.get_logger()

WRITTEN_EVERY_S: Final = 0.25
"""What a mixer that is killed loses of a recording, at most."""
ALONE: Final = 1
NEVER_TWO: Final = "there never was more than one member in the room"

Write = Callable[[bytes], None]
Tell = Callable[[Recording], None]


class Recorded(Protocol):
    """What this needs of `mixer.desk.Recording`."""

    def stop(self) -> None: ...


class Recordable(Protocol):
    """What this needs of `mixer.mix.Mix`."""

    def record(self, write: Write) -> Recorded: ...


class RoomTaking:
    """One recording: its task waits for the reason to end, which anybody may set."""

    def __init__(self, order: RecordingOrder, *, when_alone: bool) -> None:
        self.order = order
        self.when_alone = when_alone
        self.paused = False
        """Nothing is kept of what is mixed meanwhile, not even silence."""
        self._heard = bytearray()
        self._is_empty = True
        self._reason: asyncio.Future[EndReason] = (
            asyncio.get_running_loop().create_future()
        )

    def over(self, reason: EndReason) -> None:
        if not self._reason.done():
            self._reason.set_result(reason)

    async def run(self, spool: Spool, mix: Recordable) -> None:
        """Until it is over and the archive has it. Raises NoRoom when it never began.

        Cancelled, it leaves the take as it is: a thread may be writing to it, and the
        archive finds what a process has left behind.
        """
        take = await asyncio.to_thread(spool.begin, self.order, rate_hz=ROOM_RATE_HZ)
        recorded = mix.record(partial(self._hear, take))
        try:
            while not self._reason.done():
                await asyncio.wait([self._reason], timeout=WRITTEN_EVERY_S)
                await self._write(take)
        finally:
            recorded.stop()
        await self._write(take)  # what came during the last write
        reason = self._reason.result()
        never = self._is_empty and not self.when_alone
        await asyncio.to_thread(take.end, reason, NEVER_TWO if never else "")
        log.info("recording_over", recording=self.order.id, reason=reason)

    def _hear(self, take: Take, frame: bytes) -> None:
        if self.paused or self._reason.done():
            return
        if self._is_empty:
            self._is_empty = False
            take.starts()
        self._heard += frame

    async def _write(self, take: Take) -> None:
        heard, self._heard = bytes(self._heard), bytearray()
        if not heard:
            return
        try:
            has_room = await asyncio.to_thread(_written, take, heard)
        except NoRoom as error:
            log.warning("recording_failed", recording=self.order.id, why=str(error))
            has_room = False
        if not has_room:
            log.error("recording_cut", recording=self.order.id, why="the disk is full")
            self._heard.clear()
            self.over(EndReason.NO_ROOM)


class LiveRoomRecorder(RoomRecorder):
    def __init__(self, mix: Recordable, settings: Settings, tell: Tell) -> None:
        """`tell` is told of recordings that nobody archives: they never began."""
        self._mix = mix
        self._settings = settings
        self._tell = tell
        self._takings: dict[RoomTaking, asyncio.Task[None]] = {}
        self._members = 0

    @override
    def begin(self, order: RecordingOrder, *, when_alone: bool = True) -> str:
        """See mixer.conference.RoomRecorder.begin."""
        taking = RoomTaking(order, when_alone=when_alone)
        task = asyncio.create_task(self._see_through(taking))
        self._takings[taking] = task
        task.add_done_callback(lambda _: self._takings.pop(taking))
        self.company(self._members)
        return media_url(order, self._settings)

    @override
    def company(self, members: int) -> None:
        """See mixer.conference.RoomRecorder.company."""
        self._members = members
        for taking in self._takings:
            taking.paused = members <= ALONE and not taking.when_alone

    @override
    def stop(self, recording: str = "") -> None:
        """See mixer.conference.RoomRecorder.stop."""
        for taking in self._takings:
            if recording in ("", taking.order.id):
                taking.over(EndReason.STOPPED)

    async def close(self) -> None:
        """The room is over; returns when the archive has all that was recorded."""
        for taking in self._takings:
            taking.over(EndReason.HANGUP)
        await asyncio.gather(*self._takings.values())

    async def _see_through(self, taking: RoomTaking) -> None:
        order = taking.order
        try:
            await taking.run(Spool.of(self._settings), self._mix)
        except NoRoom as error:
            log.warning("recording_not_begun", recording=order.id, why=str(error))
            self._tell(_never_begun(order, str(error)))
        except Exception:  # what was recorded is in the spool; the room goes on
            log.exception("recording_failed", recording=order.id)


def _written(take: Take, heard: bytes) -> bool:
    """Whether the disk takes more. Raises NoRoom when it did not take this."""
    take.write(heard)
    return take.has_room


def _never_begun(order: RecordingOrder, why: str) -> Recording:
    return Recording(
        order=order,
        started_at=utc_now(),
        duration=timedelta(0),
        end_reason=EndReason.NO_ROOM,
        failure=why,
    )
