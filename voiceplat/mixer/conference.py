"""One conference as it runs: its members' connections, its rules, its sound."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from typing import Final, Protocol

import structlog

from voiceplat.bus.commands import StartRecording, StopRecording
from voiceplat.bus.room_commands import (
    NO_MEMBER,
    NO_ROOM,
    Deafen,
    Kick,
    Mute,
    OfMembers,
    PlayToMembers,
    RoomCommand,
    SpeakToMembers,
    StopForMembers,
)
from voiceplat.bus.rooms import ShownMember
from voiceplat.calls.conference import Badge, Why
from voiceplat.calls.link import LinkEnd
from voiceplat.calls.recording import RecordingOrder, RoomRecording
from voiceplat.calls.sounds import File, RoomSound
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import CommandRefused, RoomFull, Unavailable
from voiceplat.core.ids import ConferenceUuid
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
    Refused,
    Told,
    Wait,
    Welcome,
)
from voiceplat.mixer.room import Gone, Room, Standing
from voiceplat.mixer.sounding import Loudspeaker, Sounding
from voiceplat.xml.elements.speak import Speak
from voiceplat.xml.room_sounds import speech_of

log = structlog.get_logger()

GREETING_S: Final = 5.0
"""How long one who comes may take to say who it is."""


class Sound(Loudspeaker, Protocol):
    """What this needs of `mixer.mix.Mix`."""

    def add(self, member: int, other: LinkEnd, *, rate_hz: int = 8000) -> LinkEnd: ...

    def remove(self, member: int) -> None: ...

    def allow(self, member: int, *, speaks: bool, hears: bool) -> None: ...


class RoomRecorder(Protocol):
    """Whoever writes the room's sound into files."""

    def begin(self, order: RecordingOrder, *, when_alone: bool = True) -> str:
        """Record from now on; returns where the file will be."""
        ...

    def company(self, members: int) -> None:
        """So many are in the room now."""

    def stop(self, recording: str = "") -> None:
        """End one recording, or all; nothing is as good."""


@dataclass(slots=True)
class _Guest:
    """A member and its connection, which outlives its being in the room."""

    badge: Badge
    join: Join
    channel: MemberChannel
    joined_at: datetime = field(default_factory=utc_now)
    standing: Standing | None = None
    """As the mix and the worker were told last."""
    farewell: tuple[RoomSound, ...] = ()
    out: Out | None = None
    told: bool = False
    """Its worker has told of its leaving."""


TellLeaving = Callable[[Join, Badge, Out], None]
Show = Callable[[list[ShownMember]], None]


class Conference:
    def __init__(  # noqa: PLR0913 - the composition of one conference
        self,
        name: str,
        uuid: ConferenceUuid,
        *,
        password: str,
        sound: Sound,
        sounding: Sounding,
        longest_text: int,
        show: Show,
        tell_leaving: TellLeaving,
        recorder: RoomRecorder,
    ) -> None:
        """`show` gets all members whenever something about them has changed.

        `tell_leaving` is asked for members whose worker cannot tell any more.
        """
        self._name = name
        self._uuid = uuid
        self._password = password
        self._sound = sound
        self._sounding = sounding
        self._longest_text = longest_text
        self._show = show
        self._tell_leaving = tell_leaving
        self._recorder = recorder
        self._room = Room(asyncio.get_running_loop().time())
        self._guests: dict[int, _Guest] = {}
        self.recording: RoomRecording | None = None
        """That the first member who wanted one began; no other does in this room."""
        self._news = asyncio.Event()

    # members

    async def serve(self, channel: MemberChannel) -> None:
        """Have a member from its first line to the end of its connection."""
        join = await self._greeting(channel)
        if join is None:
            log.warning("stranger_at_the_door")
            return
        try:
            guest = self._let_in(join, channel)
        except (RoomFull, Unavailable) as error:
            log.info("member_refused", call_uuid=join.call_uuid, why=str(error))
            channel.say(Refused(full=not self._room.over))
            return
        log.info("member_came", member=guest.badge.member, call_uuid=join.call_uuid)
        try:
            while (line := await channel.next()) and not guest.told:
                self._take(line, guest)
        finally:
            self._is_gone(guest)

    async def _greeting(self, channel: MemberChannel) -> Join | None:
        """None from one who does not know the password, or says nothing."""
        with suppress(TimeoutError):
            async with asyncio.timeout(GREETING_S):
                line = await channel.next()
                if isinstance(line, Join) and compare_digest(
                    line.password, self._password
                ):
                    return line
        return None

    def _let_in(self, join: Join, channel: MemberChannel) -> _Guest:
        """Raises RoomFull, or Unavailable when there is no port for its link."""
        first = not self._room.members
        member = self._room.next_number
        link = self._sound.add(member, join.link, rate_hz=join.rate_hz)
        try:
            self._room.enter(join.rules)
        except RoomFull:
            self._sound.remove(member)
            raise
        badge = Badge(self._name, self._uuid, member, first)
        guest = self._guests[member] = _Guest(badge, join, channel)
        channel.say(
            Welcome(member=member, first=first, conference_uuid=self._uuid, link=link)
        )
        if self.recording:
            channel.say(Recorded(recording=self.recording))
        self._settle()
        return guest

    def _take(self, line: Line, guest: _Guest) -> None:
        match line:
            case Told():
                guest.told = True
            case _ if guest.out:
                pass  # said before it knew
            case Press():
                self._relay(line.key, guest.badge.member)
            case Announce(leaving=True):
                guest.farewell = line.sounds
            case Announce():
                self._sounding.tell_room(line.sounds)
            case Record():
                self._record(line)
            case Leave():
                self._take_out(self._room.leave(guest.badge.member))
            case _:
                log.warning("member_said_nonsense", kind=line.kind)

    def _record(self, line: Record) -> None:
        if self.recording is None:
            url = self._recorder.begin(line.order, when_alone=line.when_alone)
            self.recording = RoomRecording(id=line.order.id, url=url)
            for guest in self._guests.values():
                guest.channel.say(Recorded(recording=self.recording))

    def _relay(self, key: str, by: int) -> None:
        """To all who are together; who waits is not."""
        if self._room.started:
            for member, guest in self._guests.items():
                if member != by and not guest.out:
                    guest.channel.say(Key(key=key))

    def _is_gone(self, guest: _Guest) -> None:
        """Its connection has ended, perhaps with its worker."""
        member = guest.badge.member
        self._take_out(self._room.leave(member, Why.LOST))
        del self._guests[member]
        if guest.out and not guest.told:
            log.warning("member_lost", member=member, call_uuid=guest.join.call_uuid)
            self._tell_leaving(guest.join, guest.badge, guest.out)
        self._news.set()

    def _take_out(self, gone: list[Gone]) -> None:
        for each in gone:
            self._sound.remove(each.member)
            self._sounding.forget(each.member)
            if guest := self._guests.get(each.member):
                guest.out = Out(why=each.why, last=each.last)
                guest.channel.say(guest.out)
                self._sounding.tell_room(guest.farewell)
                log.info("member_left", member=each.member, why=each.why)
        self._settle()

    def _settle(self) -> None:
        """Bring about what the rules say now."""
        for member in self._room.members:
            guest, standing = self._guests.get(member), self._room.standing(member)
            if guest is None or guest.standing == standing:
                continue
            self._sound.allow(member, speaks=standing.speaks, hears=standing.hears)
            if guest.standing is None or guest.standing.waits != standing.waits:
                guest.channel.say(Wait(waits=standing.waits))
            guest.standing = standing
        self._recorder.company(len(self._room.members))
        self._show([self._shown(member) for member in self._room.members])
        self._news.set()

    def _shown(self, member: int) -> ShownMember:
        guest = self._guests[member]
        return ShownMember(
            member=member,
            call_uuid=guest.join.call_uuid,
            from_=guest.join.from_,
            to=guest.join.to,
            caller_name=guest.join.caller_name,
            direction=guest.join.direction,
            muted=self._room.is_muted(member),
            deaf=self._room.is_deaf(member),
            joined_at=guest.joined_at,
        )

    def took_floor(self, member: int) -> None:
        guest = self._guests.get(member)
        if guest and not guest.out:
            guest.channel.say(Floor())

    # commands

    def obey(self, command: RoomCommand) -> None:
        """Begin to do it. Raises CommandRefused, and then nothing was done."""
        match command:
            case StartRecording() if not self._room.members:
                raise CommandRefused(NO_ROOM)
            case StartRecording():
                self._recorder.begin(command.order)
            case StopRecording():
                self._recorder.stop(command.recording)
            case _:
                self._obey_of_members(command)

    def _obey_of_members(self, command: OfMembers) -> None:
        members = command.members or tuple(self._room.members)
        if set(members) - set(self._room.members):
            raise CommandRefused(NO_MEMBER)
        for member in members:
            match command:
                case Kick():
                    self._take_out(self._room.leave(member, Why.KICKED))
                case Mute():
                    self._room.mute(member, muted=command.muted)
                case Deafen():
                    self._room.deafen(member, deaf=command.deaf)
                case _:
                    pass
        self._settle()
        self._let_hear(command, members)

    def _let_hear(self, command: OfMembers, members: Collection[int]) -> None:
        match command:
            case PlayToMembers():
                sound = File(url=command.url)
                self._sounding.tell("play", sound, members)
            case SpeakToMembers():
                voice = {"voice": command.voice, "language": command.language}
                speak = Speak(content=(command.text,), **voice)
                for part in speech_of(speak, self._longest_text):
                    self._sounding.tell("speak", part, members)
            case StopForMembers():
                self._sounding.stop(command.what, members)
            case _:
                pass

    # its end

    def end(self) -> None:
        """Everybody is out."""
        self._take_out(self._room.end())

    def end_if_empty(self) -> None:
        if not self._room.members:
            self.end()

    async def until_over(self) -> None:
        """Returns when nobody comes in any more, at the latest when its time is up."""
        while not self._room.over:
            self._news.clear()
            try:
                async with asyncio.timeout_at(self._room.ends_at):
                    await self._news.wait()
            except TimeoutError:
                log.info("room_time_is_up")
                self._take_out(self._room.end(Why.TIME_LIMIT))

    async def until_nobody(self) -> None:
        """Returns when all members have gone, with all that is to be told of them."""
        while self._guests:
            self._news.clear()
            await self._news.wait()
