"""A conference room as a member of it sees it, and the port behind that."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from voiceplat.calls.call import Hook
from voiceplat.calls.recording import RecordingOrder, RoomRecording
from voiceplat.calls.sounds import RoomSound

MEMBERS_MAX = 20
LIFE_S = 86400


class MemberRules(BaseModel):
    """What a member's document says of it and of the room (plivo-xml 3.7)."""

    model_config = ConfigDict(frozen=True)

    starts: bool = True
    """Its coming starts the room; members wait until somebody's does."""
    ends: bool = False
    """Its leaving ends the room."""
    stays_alone: bool = True
    """It stays when all others have left."""
    muted: bool = False
    most: int = MEMBERS_MAX
    """It comes in only when there are fewer members than that."""
    time_limit_s: int | None = None
    """How long the room may live, when this member sets it."""


class Why(StrEnum):
    """Why a member is no longer in the room."""

    LEFT = "left"
    LOST = "lost"
    """Its worker is gone, or the room itself."""
    KICKED = "kicked"
    ALONE = "alone"
    ENDED = "ended"
    TIME_LIMIT = "time_limit"


@dataclass(frozen=True, slots=True)
class Waits:
    """Whether the member hears its waitSound from now on."""

    waits: bool


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """Another member pressed a key that this one's far end is to get."""

    key: str


@dataclass(frozen=True, slots=True)
class TookFloor:
    """Everybody listens to this member now."""


@dataclass(frozen=True, slots=True)
class Left:
    """The member is out; nothing follows."""

    why: Why
    last: bool
    """Nobody is left in the room."""
    recording: RoomRecording | None = None
    """That a member's document began."""


Happening = Waits | KeyPressed | TookFloor | Left


@dataclass(frozen=True, slots=True)
class Badge:
    """How callbacks name a member."""

    room: str
    conference_uuid: str
    member: int
    first: bool
    """It came into the empty room."""

    @property
    def exit_mark(self) -> str:
        """Names its leaving, which may be told by two, and is told once."""
        return f"{self.conference_uuid}:{self.member}"


class Membership(Protocol):
    """Being in a room, heard and hearing as its rules say."""

    @property
    def badge(self) -> Badge: ...

    async def next(self) -> Happening:
        """What happens next; after Left nothing does."""
        ...

    def press(self, key: str) -> None:
        """Pass a key of this member's on to the others."""
        ...

    def announce(self, sounds: Sequence[RoomSound]) -> None:
        """Let the room hear that this member has come."""
        ...

    def announce_leaving(self, sounds: Sequence[RoomSound]) -> None:
        """What the room is to hear once this member has left, for whatever reason."""
        ...

    def record(self, order: RecordingOrder, *, when_alone: bool) -> None:
        """Have the room recorded from now on, unless a member has had that done before.

        Without `when_alone` nothing is recorded while only one member is there.
        """
        ...

    async def leave(self) -> Left:
        """Go; returns how it was seen there, also when it was out already."""
        ...


class Conferences(Protocol):
    """The rooms of a call's account."""

    def enter(
        self,
        room: str,
        rules: MemberRules,
        *,
        events: Hook | None,
        about: Mapping[str, str],
        left: Callable[[Badge, Left], None],
    ) -> AbstractAsyncContextManager[Membership]:
        """Be a member of that room, which is made when it is not there.

        `left` is called once, when the member is out. When this process is not there
        any more `events` is told of it instead, with `about`, the call's own fields.
        Raises RoomFull, or Unavailable.
        """
        ...
