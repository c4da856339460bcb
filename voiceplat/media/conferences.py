"""A call's membership in a conference room, as its worker holds it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

import structlog
from typing_extensions import override

from voiceplat.bus.rooms import RoomName
from voiceplat.calls.call import Call, Hook
from voiceplat.calls.conference import (
    Badge,
    Conferences,
    Happening,
    KeyPressed,
    Left,
    MemberRules,
    Membership,
    TookFloor,
    Waits,
    Why,
)
from voiceplat.calls.leg import Leg
from voiceplat.calls.recording import RecordingOrder, RoomRecording
from voiceplat.calls.sounds import RoomSound
from voiceplat.core.errors import MediaError
from voiceplat.media.elsewhere import open_socket
from voiceplat.media.place import Place
from voiceplat.mixer.member_channel import (
    Announce,
    Floor,
    Join,
    Key,
    Leave,
    Line,
    MemberChannel,
    Out,
    Press,
    Record,
    Recorded,
    Told,
    Wait,
)
from voiceplat.telephony.audible_leg import AudibleLeg

log = structlog.get_logger()

PATIENCE_S: Final = 2.0
"""How long a mixer that does not die may take to say who is left."""


class LiveConferences(Conferences):
    def __init__(self, call: Call, leg: Leg, place: Place) -> None:
        self._call = call
        self._leg = leg
        self._place = place

    @override
    @asynccontextmanager
    async def enter(
        self,
        room: str,
        rules: MemberRules,
        *,
        events: Hook | None,
        about: Mapping[str, str],
        left: Callable[[Badge, Left], None],
    ) -> AsyncIterator[Membership]:
        """See calls.conference.Conferences.enter."""
        call, leg, media = self._call, self._leg, self._place.settings.media
        if not isinstance(leg, AudibleLeg):
            raise MediaError("the leg has no audio in this process")
        ends_at = open_socket(media)

        def join(password: str) -> Join:
            return Join(
                password=password,
                call_uuid=call.uuid,
                account=call.account,
                from_=call.from_,
                to=call.to,
                caller_name=call.caller_name,
                direction=call.direction,
                rules=rules,
                link=ends_at.end,
                events=events,
                about=about,
            )

        name = RoomName(account=call.account, main=call.main_account, name=room)
        try:
            channel, welcome = await self._place.rooms.enter(name, join)
        except BaseException:
            ends_at.close()
            raise
        ends_at.meet(welcome.link)
        badge = Badge(room, welcome.conference_uuid, welcome.member, welcome.first)
        membership = LiveMembership(badge, channel, partial(self._is_out, left))
        try:
            link = self._place.rooms.open_link(ends_at)
            try:
                with leg.audio.joined(link.audio):
                    yield membership
            finally:
                link.close()
        finally:
            await membership.leave()

    def _is_out(
        self,
        left: Callable[[Badge, Left], None],
        membership: "LiveMembership",
        how: Left,
    ) -> None:
        left(membership.badge, how)
        self._place.reporter.tell(membership.close)  # when the bus has that


class LiveMembership(Membership):
    def __init__(
        self,
        badge: Badge,
        channel: MemberChannel,
        is_out: Callable[["LiveMembership", Left], None],
    ) -> None:
        """`is_out` is called once, however often the leaving is interrupted."""
        self._badge = badge
        self._channel = channel
        self._is_out = is_out
        self._recording: RoomRecording | None = None
        self._happenings: asyncio.Queue[Happening] = asyncio.Queue()
        self._out: asyncio.Future[Left] = asyncio.get_running_loop().create_future()
        self._reading = asyncio.create_task(self._read())
        self._leaving: asyncio.Task[Left] | None = None

    @property
    @override
    def badge(self) -> Badge:
        return self._badge

    @override
    async def next(self) -> Happening:
        return await self._happenings.get()

    @override
    def press(self, key: str) -> None:
        self._channel.say(Press(key=key))

    @override
    def announce(self, sounds: Sequence[RoomSound]) -> None:
        self._channel.say(Announce(sounds=tuple(sounds)))

    @override
    def announce_leaving(self, sounds: Sequence[RoomSound]) -> None:
        self._channel.say(Announce(sounds=tuple(sounds), leaving=True))

    @override
    def record(self, order: RecordingOrder, *, when_alone: bool) -> None:
        self._channel.say(Record(order=order, when_alone=when_alone))

    @override
    async def leave(self) -> Left:
        """See calls.conference.Membership.leave."""
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._leave())
        return await asyncio.shield(self._leaving)

    async def _leave(self) -> Left:
        self._channel.say(Leave())
        try:
            async with asyncio.timeout(PATIENCE_S):
                how = await asyncio.shield(self._out)
        except TimeoutError:
            how = Left(Why.LOST, last=False, recording=self._recording)
        self._is_out(self, how)
        return how

    async def close(self) -> None:
        """The mixer has nothing more to tell of this member."""
        self._channel.say(Told())
        await self._channel.close()
        self._reading.cancel()

    async def _read(self) -> None:
        while not self._out.done() and (line := await self._channel.next()):
            self._take(line)
        if not self._out.done():
            log.warning("room_lost", conference=self._badge.conference_uuid)
            self._happens(Left(Why.LOST, last=False, recording=self._recording))

    def _take(self, line: Line) -> None:
        match line:
            case Wait():
                self._happens(Waits(line.waits))
            case Key():
                self._happens(KeyPressed(line.key))
            case Floor():
                self._happens(TookFloor())
            case Recorded():
                self._recording = line.recording
            case Out():
                self._happens(Left(line.why, line.last, self._recording))
            case _:
                log.warning("room_said_nonsense", kind=line.kind)

    def _happens(self, what: Happening) -> None:
        if isinstance(what, Left):
            self._out.set_result(what)
        self._happenings.put_nowait(what)
