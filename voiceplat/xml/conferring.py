"""Being in a room: what one hears and presses, and who is told (plivo-xml 3.7)."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from voiceplat.calls import conference_params
from voiceplat.calls.call import Hook
from voiceplat.calls.conference import (
    Badge,
    KeyPressed,
    Left,
    MemberRules,
    Membership,
    TookFloor,
    Waits,
)
from voiceplat.calls.leg import until_hung_up
from voiceplat.calls.params import standard
from voiceplat.calls.recording import (
    Channels,
    FileFormat,
    RecordingOrder,
    RoomRecording,
    TranscriptionOrder,
)
from voiceplat.calls.session import CallSession
from voiceplat.calls.sounds import RoomSound
from voiceplat.core.errors import MediaError
from voiceplat.core.ids import new_recording_id
from voiceplat.core.race import first_of, never
from voiceplat.xml.digit_patterns import DigitWatch
from voiceplat.xml.element import Step
from voiceplat.xml.prompting import play_all
from voiceplat.xml.room_sounds import room_sounds_of
from voiceplat.xml.sound_document import sounds_of

log = structlog.get_logger()

STAR = "*"


@dataclass(frozen=True, slots=True)
class RecordingPlan:
    """How the room is recorded, if this member is the first to want it."""

    format: FileFormat
    when_alone: bool
    transcription: TranscriptionOrder | None


@dataclass(frozen=True, slots=True)
class ConferencePlan:
    room: str
    rules: MemberRules
    wait_sound: str
    enter_sound: str
    exit_sound: str
    leave_on_star: bool
    relay_keys: bool
    patterns: tuple[str, ...]
    """Digits that callbackUrl is told of."""
    tell_floor: bool
    events: Hook | None
    record: RecordingPlan | None


class Conferring:
    def __init__(self, plan: ConferencePlan, call: CallSession) -> None:
        self._plan = plan
        self._call = call
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        """Of other members, for this one's far end."""
        self.badge: Badge | None = None
        """Set once it is in."""
        self.recording: RoomRecording | None = None
        """Of the room; set once it is out."""

    async def run(self) -> Badge:
        """Returns as whom it was in, when it is out.

        Raises RoomFull or Unavailable when it never is in, and CallEnded when the far
        end leaves.
        """
        call, plan = self._call, self._plan
        async with call.conferences.enter(
            plan.room,
            plan.rules,
            events=plan.events,
            about=standard(call.call, call.status),
            left=self._tell_leaving,
        ) as membership:
            self.badge = membership.badge
            self._tell(conference_params.enter(membership.badge))
            if plan.record:
                membership.record(
                    self._order(plan.record, membership.badge),
                    when_alone=plan.record.when_alone,
                )
            call.leg.forget_digits()
            await first_of(
                until_hung_up(call.leg),
                self._follow(membership),
                self._take_keys(membership),
                self._send_keys(),
                self._announce(membership),
            )
        return membership.badge

    def _tell(self, event: dict[str, str], *, once: str = "") -> None:
        if hook := self._plan.events:
            self._call.documents.tell(hook.url, hook.method, event, once=once)

    def _tell_leaving(self, badge: Badge, how: Left) -> None:
        self.recording = how.recording
        event = conference_params.exit_(badge, last=how.last, recording=how.recording)
        self._tell(event, once=badge.exit_mark)

    async def _follow(self, membership: Membership) -> None:
        steps = asyncio.create_task(self._wait_sound())
        playing: asyncio.Task[None] | None = None
        try:
            while True:
                match await membership.next():
                    case Waits(waits):
                        if playing:
                            playing.cancel()
                        playing = (
                            asyncio.create_task(self._play(steps)) if waits else None
                        )
                    case KeyPressed(key):
                        self._keys.put_nowait(key)
                    case TookFloor():
                        if self._plan.tell_floor:
                            self._tell(conference_params.floor(membership.badge))
                    case Left():
                        return
        finally:
            ending = [task for task in (steps, playing) if task]
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    async def _wait_sound(self) -> list[Step]:
        url = self._plan.wait_sound
        return await sounds_of(url, self._call) if url else []

    async def _play(self, coming: asyncio.Task[list[Step]]) -> None:
        """The waitSound, again and again; nothing when it cannot be heard."""
        steps = await asyncio.shield(coming)
        loop = asyncio.get_running_loop()
        while steps:
            began = loop.time()
            await play_all(steps, self._call)
            if loop.time() == began:
                return

    async def _take_keys(self, membership: Membership) -> None:
        watch = DigitWatch(self._plan.patterns)
        while True:
            key = await self._call.leg.next_digit()
            if key == STAR and self._plan.leave_on_star:
                return
            if pattern := watch.press(key):
                self._tell(conference_params.digits(membership.badge, pattern))
            if self._plan.relay_keys:
                membership.press(key)

    async def _send_keys(self) -> None:
        while True:
            with suppress(MediaError):
                await self._call.leg.send_digits(await self._keys.get())

    async def _announce(self, membership: Membership) -> None:
        """A slow server of the one sound does not keep the other waiting."""
        await asyncio.gather(
            self._give(self._plan.enter_sound, membership.announce),
            self._give(self._plan.exit_sound, membership.announce_leaving),
        )
        await never()

    async def _give(
        self, sound: str, to: Callable[[Sequence[RoomSound]], None]
    ) -> None:
        if sounds := await room_sounds_of(sound, self._call):
            to(sounds)

    def _order(self, plan: RecordingPlan, badge: Badge) -> RecordingOrder:
        call = self._call.call
        return RecordingOrder(
            id=new_recording_id(),
            account=call.account,
            call_uuid=call.uuid,
            from_=call.from_,
            to=call.to,
            format=plan.format,
            channels=Channels.MONO,
            conference_name=badge.room,
            conference_uuid=badge.conference_uuid,
            ready=self._plan.events,
            ready_params=standard(call, self._call.status)
            | conference_params.recorded(badge),
            transcription=plan.transcription,
        )
