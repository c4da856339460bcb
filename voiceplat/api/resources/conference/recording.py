"""Recordings of a room that the API begins and ends (plivo-rest 4).

No asynchronous mode here: `callback_url` is told when the file is ready.
"""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter

from voiceplat.api.auth import CurrentCaller
from voiceplat.api.frame import current_api_id
from voiceplat.api.platform import Here
from voiceplat.api.resources.conference.rooms import find_room
from voiceplat.api.resources.recording.wanted import RecordingParams, RecordingStarted
from voiceplat.api.wire.params import body_of, reads
from voiceplat.api.wire.replies import NO_CONTENT
from voiceplat.bus.commands import StartRecording, StopRecording
from voiceplat.bus.room_commands import NO_ROOM
from voiceplat.bus.rooms import LiveRoom
from voiceplat.calls import recording_params
from voiceplat.calls.recording import Channels, RecordingOrder
from voiceplat.core.errors import CommandRefused, NotFound
from voiceplat.core.ids import RecordingId, new_recording_id
from voiceplat.recordings.links import media_url

router = APIRouter(
    prefix="/Conference/{conference_name:path}/Record",
    tags=["Conference"],
)

ACCEPTED: Final = 202


class RoomRecordOrder(RecordingParams):
    def order(
        self, room: LiveRoom, recording: RecordingId, api_id: str
    ) -> RecordingOrder:
        """It belongs to the member who has been there longest. Raises NotFound."""
        if not room.members:
            raise NotFound(NO_ROOM)
        member = room.members[0]
        return RecordingOrder(
            id=recording,
            account=room.name.account,
            call_uuid=member.call_uuid,
            from_=member.from_,
            to=member.to,
            format=self.file_format,
            channels=Channels.MONO,
            conference_name=room.name.name,
            conference_uuid=room.uuid,
            ready=self.ready,
            ready_style="rest",
            ready_params=recording_params.api_order(member.call_uuid, api_id),
            transcription=self.transcription,
        )


@router.post("/", status_code=ACCEPTED, openapi_extra=body_of(RoomRecordOrder))
async def record_conference(
    caller: CurrentCaller,
    conference_name: str,
    order: Annotated[RoomRecordOrder, reads(RoomRecordOrder)],
    here: Here,
) -> RecordingStarted:
    """Record a room from now on; other recordings of it go on."""
    room = await find_room(conference_name, caller, here)
    wanted = order.order(room, new_recording_id(), current_api_id())
    await _tell(room, StartRecording(order=wanted), here)
    return RecordingStarted(
        message="conference recording started",
        recording_id=wanted.id,
        url=media_url(wanted, here.settings),
    )


@router.delete("/", **NO_CONTENT)
async def stop_recording_conference(
    caller: CurrentCaller, conference_name: str, here: Here
) -> None:
    """End all recordings of a room."""
    room = await find_room(conference_name, caller, here)
    await _tell(room, StopRecording(), here)


async def _tell(
    room: LiveRoom, command: StartRecording | StopRecording, here: Here
) -> None:
    patience = timedelta(milliseconds=here.settings.api.command_timeout_ms)
    try:
        await here.bus.room_commands.send(room, command, within=patience)
    except CommandRefused as error:
        raise NotFound(str(error)) from error
