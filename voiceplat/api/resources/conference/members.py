"""What can be done to members of a room: one, several by a comma list, or `all`."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from pydantic import Field

from voiceplat.api.auth import CurrentCaller
from voiceplat.api.platform import Here, Platform
from voiceplat.api.resources.conference.rooms import find_room
from voiceplat.api.route import VoiceRoute
from voiceplat.api.wire.params import Params, Text, Url, body_of, reads
from voiceplat.api.wire.replies import NO_CONTENT, Reply
from voiceplat.bus.room_commands import (
    EVERYBODY,
    NO_MEMBER,
    Deafen,
    Kick,
    Mute,
    PlayToMembers,
    RoomCommand,
    SpeakToMembers,
    StopForMembers,
)
from voiceplat.bus.rooms import LiveRoom
from voiceplat.calls.voices import DEFAULT_LANGUAGE, DEFAULT_VOICE
from voiceplat.core.errors import CommandRefused, NotFound
from voiceplat.services.end_call import end_calls

router = APIRouter(
    prefix="/Conference/{conference_name:path}/Member/{member_id}",
    route_class=VoiceRoute,
    tags=["Conference"],
)

ACCEPTED: Final = 202
TEXT_MAX: Final = 3000
ALL: Final = "all"


class Chosen:
    """The members that a request names, and the room that they are in."""

    def __init__(self, written: str, room: LiveRoom, here: Platform) -> None:
        self.written = written
        self._room = room
        self._here = here
        by_number = {str(member.member): member for member in room.members}
        names = [name.strip() for name in written.split(",")]
        wanted = list(by_number) if written == ALL else names
        if set(wanted) - by_number.keys():
            raise NotFound(NO_MEMBER)
        self._members = [by_number[name] for name in dict.fromkeys(wanted)]

    @property
    def numbers(self) -> tuple[int, ...]:
        """As commands name them."""
        if self.written == ALL:
            return EVERYBODY
        return tuple(member.member for member in self._members)

    @property
    def as_list(self) -> str:
        """As Plivo writes them in two of its replies: a list of Python 2."""
        names = (name.strip() for name in self.written.split(","))
        return "[" + ", ".join(f"u'{name}'" for name in names) + "]"

    async def tell(self, command: RoomCommand) -> None:
        """Raises NotFound when one of them is not in the room any more."""
        try:
            await self._here.bus.room_commands.send(
                self._room, command, within=self._patience
            )
        except CommandRefused as error:
            raise NotFound(str(error)) from error

    async def hang_up(self) -> None:
        uuids = [member.call_uuid for member in self._members]
        await end_calls(uuids, self._here.bus, self._patience)

    @property
    def _patience(self) -> timedelta:
        return timedelta(milliseconds=self._here.settings.api.command_timeout_ms)


async def _chosen(
    caller: CurrentCaller, conference_name: str, member_id: str, here: Here
) -> Chosen:
    room = await find_room(conference_name, caller, here)
    return Chosen(member_id, room, here)


Members = Annotated[Chosen, Depends(_chosen)]


class Done(Reply):
    message: str
    member_id: str


class PlayOrder(Params):
    url: Annotated[Url, Field(min_length=1)]


class SpeakOrder(Params):
    text: Annotated[Text, Field(min_length=1, max_length=TEXT_MAX)]
    voice: Text = DEFAULT_VOICE
    language: Text = DEFAULT_LANGUAGE


@router.delete("/", **NO_CONTENT)
async def hang_up_member(members: Members) -> None:
    """Hang up the members' calls."""
    await members.hang_up()


@router.post("/Kick/", status_code=ACCEPTED)
async def kick(members: Members) -> Done:
    """Take members out of the room; their calls go on."""
    await members.tell(Kick(members=members.numbers))
    return Done(message="kicked", member_id=members.written)


@router.post("/Mute/", status_code=ACCEPTED)
async def mute(members: Members) -> Done:
    """Let the room not hear them."""
    await members.tell(Mute(members=members.numbers, muted=True))
    return Done(message="muted", member_id=members.written)


@router.delete("/Mute/", **NO_CONTENT)
async def unmute(members: Members) -> None:
    """Let the room hear them again."""
    await members.tell(Mute(members=members.numbers, muted=False))


@router.post("/Deaf/", status_code=ACCEPTED)
async def deafen(members: Members) -> Done:
    """Let them not hear the room."""
    await members.tell(Deafen(members=members.numbers, deaf=True))
    return Done(message="deaf", member_id=members.written)


@router.delete("/Deaf/", **NO_CONTENT)
async def undeafen(members: Members) -> None:
    """Let them hear the room again."""
    await members.tell(Deafen(members=members.numbers, deaf=False))


@router.post("/Play/", status_code=ACCEPTED, openapi_extra=body_of(PlayOrder))
async def play(members: Members, order: Annotated[PlayOrder, reads(PlayOrder)]) -> Done:
    """Play a file to them, on top of what they hear."""
    await members.tell(PlayToMembers(members=members.numbers, url=order.url))
    return Done(message="play queued into conference", member_id=members.as_list)


@router.delete("/Play/", **NO_CONTENT)
async def stop_playing(members: Members) -> None:
    """Stop what `POST` plays."""
    await members.tell(StopForMembers(members=members.numbers, what="play"))


@router.post("/Speak/", status_code=ACCEPTED, openapi_extra=body_of(SpeakOrder))
async def speak(
    members: Members, order: Annotated[SpeakOrder, reads(SpeakOrder)]
) -> Done:
    """Speak a text to them."""
    await members.tell(
        SpeakToMembers(
            members=members.numbers,
            text=order.text,
            voice=order.voice,
            language=order.language,
        )
    )
    return Done(message="speak queued into conference", member_id=members.as_list)


@router.delete("/Speak/", **NO_CONTENT)
async def stop_speaking(members: Members) -> None:
    """Stop what `POST` speaks."""
    await members.tell(StopForMembers(members=members.numbers, what="speak"))
