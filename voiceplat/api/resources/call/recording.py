"""Recordings that the API begins and ends in a live call (3.1).

No asynchronous mode here: `callback_url` is told when the file is ready.
"""

from datetime import timedelta
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import APIRouter
from pydantic import Field

from voiceplat.api.auth import CurrentCaller
from voiceplat.api.frame import current_api_id
from voiceplat.api.platform import Here
from voiceplat.api.resources.call.actions import tell
from voiceplat.api.resources.call.routes import find_live
from voiceplat.api.resources.recording.wanted import RecordingParams, RecordingStarted
from voiceplat.api.wire.params import Params, Text, body_of, reads
from voiceplat.api.wire.replies import NO_CONTENT
from voiceplat.bus.commands import StartRecording, StopRecording
from voiceplat.calls import recording_params
from voiceplat.calls.call import Call
from voiceplat.calls.recording import Channels, RecordingOrder
from voiceplat.core.ids import CallUuid, RecordingId, new_recording_id
from voiceplat.recordings.links import media_url

router = APIRouter(tags=["Call"])

ACCEPTED: Final = 202
LONGEST_S: Final = 86400


class RecordOrder(RecordingParams):
    time_limit: Annotated[int, Field(ge=1, le=LONGEST_S)] = 60
    """Seconds."""
    record_channel_type: Channels = Channels.MONO

    def order(self, call: Call, recording: RecordingId, api_id: str) -> RecordingOrder:
        return RecordingOrder(
            id=recording,
            account=call.account,
            call_uuid=call.uuid,
            from_=call.from_,
            to=call.to,
            format=self.file_format,
            channels=self.record_channel_type,
            limit=timedelta(seconds=self.time_limit),
            ready=self.ready,
            ready_style="rest",
            ready_params=recording_params.api_order(call.uuid, api_id),
            transcription=self.transcription,
        )


class StopOrder(Params):
    URL: Text = ""
    """Of the recording that is to end; without it all of the call's do."""

    @property
    def recording(self) -> str:
        """The id in the address."""
        return urlsplit(self.URL).path.rpartition("/")[2].partition(".")[0]


@router.post(
    "/Call/{call_uuid}/Record/",
    status_code=ACCEPTED,
    openapi_extra=body_of(RecordOrder),
)
async def record(
    caller: CurrentCaller,
    call_uuid: str,
    order: Annotated[RecordOrder, reads(RecordOrder)],
    here: Here,
) -> RecordingStarted:
    """Record a live call from now on; other recordings of it go on."""
    found = await find_live(CallUuid(call_uuid), caller, here)
    wanted = order.order(found.call, new_recording_id(), current_api_id())
    await tell(call_uuid, StartRecording(order=wanted), caller, here)
    return RecordingStarted(
        message="call recording started",
        recording_id=wanted.id,
        url=media_url(wanted, here.settings),
    )


@router.delete("/Call/{call_uuid}/Record/", **NO_CONTENT)
async def stop_recording(
    caller: CurrentCaller,
    call_uuid: str,
    order: Annotated[StopOrder, reads(StopOrder)],
    here: Here,
) -> None:
    """End one recording of a live call, or all."""
    await tell(call_uuid, StopRecording(recording=order.recording), caller, here)
