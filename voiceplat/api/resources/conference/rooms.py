"""The rooms that have members now: list, show, hang up."""

from datetime import datetime, timedelta

from fastapi import APIRouter
from pydantic import BaseModel, Field

from voiceplat.api.auth import Caller, CurrentCaller
from voiceplat.api.platform import Here
from voiceplat.api.route import VoiceRoute
from voiceplat.api.wire.replies import NO_CONTENT, Reply
from voiceplat.bus.room_commands import NO_ROOM
from voiceplat.bus.rooms import LiveRoom, ShownMember
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import NotFound
from voiceplat.services.end_call import end_calls

router = APIRouter(route_class=VoiceRoute, tags=["Conference"])


class ConferenceNames(Reply):
    conferences: list[str]


class MemberObject(BaseModel):
    muted: bool
    deaf: bool
    member_id: str
    from_: str = Field(serialization_alias="from")
    to: str
    caller_name: str
    direction: str
    call_uuid: str
    join_time: str
    """Seconds that it has been in the room."""


class ConferenceDetails(Reply):
    conference_name: str
    conference_run_time: str
    """Seconds."""
    conference_member_count: str
    members: list[MemberObject]


@router.get("/Conference/")
async def list_conferences(caller: CurrentCaller, here: Here) -> ConferenceNames:
    """The names of the rooms of the account, and of its subaccounts."""
    found = await here.bus.rooms.list(caller.auth_id)
    return ConferenceNames(conferences=[room.name.name for room in found])


@router.get("/Conference/{conference_name:path}/")
async def get_conference(
    caller: CurrentCaller, conference_name: str, here: Here
) -> ConferenceDetails:
    """A room and who is in it."""
    return _details(await find_room(conference_name, caller, here), utc_now())


@router.delete("/Conference/{conference_name:path}/", **NO_CONTENT)
async def hang_up_conference(
    caller: CurrentCaller, conference_name: str, here: Here
) -> None:
    """Hang up the calls of all members of a room."""
    await _hang_up(await find_room(conference_name, caller, here), here)


@router.delete("/Conference/", **NO_CONTENT)
async def hang_up_all_conferences(caller: CurrentCaller, here: Here) -> None:
    """The same of every room of the account, and of its subaccounts."""
    for room in await here.bus.rooms.list(caller.auth_id):
        await _hang_up(room, here)


async def find_room(name: str, caller: Caller, here: Here) -> LiveRoom:
    """The account's own room of that name, else a subaccount's. Raises NotFound."""
    if own := await here.bus.rooms.get(caller.auth_id, name):
        return own
    for room in await here.bus.rooms.list(caller.auth_id):
        if room.name.name == name:
            return room
    raise NotFound(NO_ROOM)


async def _hang_up(room: LiveRoom, here: Here) -> None:
    patience = timedelta(milliseconds=here.settings.api.command_timeout_ms)
    uuids = [member.call_uuid for member in room.members]
    await end_calls(uuids, here.bus, patience)


def _details(room: LiveRoom, now: datetime) -> ConferenceDetails:
    return ConferenceDetails(
        conference_name=room.name.name,
        conference_run_time=_seconds(now - room.opened_at),
        conference_member_count=str(len(room.members)),
        members=[_member(member, now) for member in room.members],
    )


def _member(member: ShownMember, now: datetime) -> MemberObject:
    return MemberObject(
        muted=member.muted,
        deaf=member.deaf,
        member_id=str(member.member),
        from_=member.from_,
        to=member.to,
        caller_name=member.caller_name,
        direction=member.direction,
        call_uuid=member.call_uuid,
        join_time=_seconds(now - member.joined_at),
    )


def _seconds(span: timedelta) -> str:
    """Clocks of two hosts may differ a little."""
    return str(max(0, int(span.total_seconds())))
