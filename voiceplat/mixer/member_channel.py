"""What a member's worker and the room's mixer say to each other (ADR 18).

One connection per member, made by the worker. While it stands the member is in the
room; when it breaks, for the mixer the member is gone, and for the worker the room.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from voiceplat.calls.call import Hook
from voiceplat.calls.conference import MemberRules, Why
from voiceplat.calls.link import LinkEnd
from voiceplat.calls.recording import RecordingOrder, RoomRecording
from voiceplat.calls.sounds import RoomSound
from voiceplat.calls.status import Direction
from voiceplat.core.ids import AuthId, CallUuid, ConferenceUuid
from voiceplat.links.channel import Channel, Said

# of the worker


class Join(Said):
    """The first line; all that the room must know of a member."""

    kind: Literal["join"] = "join"
    password: str
    call_uuid: CallUuid
    account: AuthId
    from_: str
    to: str
    caller_name: str
    direction: Direction
    rules: MemberRules
    link: LinkEnd
    rate_hz: int = 8000
    events: Hook | None
    """Told of the leaving by the mixer when the worker cannot."""
    about: Mapping[str, str]
    """The call's own fields of that request."""


class Press(Said):
    """A key for the other members."""

    kind: Literal["press"] = "press"
    key: str


class Announce(Said):
    """Sounds for the room: now, or when this member has left."""

    kind: Literal["announce"] = "announce"
    sounds: tuple[RoomSound, ...]
    leaving: bool = False


class Record(Said):
    """The room is to be recorded, unless a member has said so before."""

    kind: Literal["record"] = "record"
    order: RecordingOrder
    when_alone: bool


class Leave(Said):
    kind: Literal["leave"] = "leave"


class Told(Said):
    """The leaving is on the bus; nothing follows but the end of the connection."""

    kind: Literal["told"] = "told"


# of the mixer


class Welcome(Said):
    kind: Literal["welcome"] = "welcome"
    member: int
    first: bool
    conference_uuid: ConferenceUuid
    link: LinkEnd


class Refused(Said):
    """`full`, or the room is over and another can be made."""

    kind: Literal["refused"] = "refused"
    full: bool


class Wait(Said):
    kind: Literal["wait"] = "wait"
    waits: bool


class Recorded(Said):
    """The room is recorded, because of what a member said."""

    kind: Literal["recorded"] = "recorded"
    recording: RoomRecording


class Key(Said):
    """Another member pressed it."""

    kind: Literal["key"] = "key"
    key: str


class Floor(Said):
    kind: Literal["floor"] = "floor"


class Out(Said):
    kind: Literal["out"] = "out"
    why: Why
    last: bool


FromWorker = Join | Press | Announce | Record | Leave | Told
FromMixer = Welcome | Refused | Wait | Recorded | Key | Floor | Out
Line = FromWorker | FromMixer


class MemberChannel(Channel[Line]):
    LINES = TypeAdapter(Annotated[Line, Field(discriminator="kind")])
