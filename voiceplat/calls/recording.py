"""A recording: what is ordered when it begins, and what is known when it is done.

Both travel as JSON: the order beside the audio that is being written, the recording in
the event that announces it.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from voiceplat.calls.call import Hook
from voiceplat.core.ids import AuthId, CallUuid, RecordingId


class FileFormat(StrEnum):
    MP3 = "mp3"
    WAV = "wav"


class Channels(StrEnum):
    MONO = "mono"
    """All parties mixed."""
    STEREO = "stereo"
    """Left: what the far end of the leg says; right: what it hears."""


class EndReason(StrEnum):
    """Why a recording was over, as customers are told (plivo-rest 8.6)."""

    FINISH_KEY = "finish-key"
    SILENCE = "silence"
    MAX_LENGTH = "max-length"
    HANGUP = "hangup"
    """The call ended, or the room."""
    STOPPED = "stopped"
    """By the API, or because the call went on to another document."""
    NO_ROOM = "no-room"
    """The disk was full."""
    LOST = "lost"
    """The process that recorded died; what it had recorded is kept."""


class TranscriptionOrder(BaseModel):
    """The words are wanted too, and told to `hook` (plivo-xml 3.9)."""

    model_config = ConfigDict(frozen=True)

    hook: Hook
    report: Literal["full", "compact"] = "compact"


class RecordingOrder(BaseModel):
    """All that must survive the process that records; nothing in it ever changes."""

    model_config = ConfigDict(frozen=True)

    id: RecordingId
    account: AuthId
    """Owner of the recording: the (sub)account of its call or room."""
    call_uuid: CallUuid
    """For a room the member's whose joining, or API request, began it."""
    from_: str
    to: str
    format: FileFormat = FileFormat.MP3
    channels: Channels = Channels.STEREO
    limit: timedelta | None = None
    """No more than this is kept."""
    conference_name: str = ""
    conference_uuid: str = ""
    ready: Hook | None = None
    """Told when the file can be fetched, or that it never will be."""
    ready_style: Literal["xml", "rest"] = "xml"
    """Names of its fields: `RecordUrl` of an element or `record_url` of the API."""
    ready_params: dict[str, str] = Field(default_factory=dict)
    """Fields known from the start: the standard ones of the call, `api_id`."""
    transcription: TranscriptionOrder | None = None


class RoomRecording(BaseModel):
    """The recording of a room, as the callbacks of its members name it."""

    model_config = ConfigDict(frozen=True)

    id: RecordingId
    url: str


class Recording(BaseModel):
    """A recording that is over and stored; `failure` says why there is no file."""

    model_config = ConfigDict(frozen=True)

    order: RecordingOrder
    started_at: datetime
    duration: timedelta
    size_bytes: int = 0
    sha256: str = ""
    """Of the file as it is served, lower-case hexadecimal."""
    end_reason: EndReason = EndReason.HANGUP
    failure: str = ""

    @property
    def ended_at(self) -> datetime:
        return self.started_at + self.duration


class Taken(BaseModel):
    """What is known of a recording once it is over, long before it is stored."""

    model_config = ConfigDict(frozen=True)

    started_at: datetime
    duration: timedelta
    reason: EndReason
