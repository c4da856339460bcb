"""Recording a call, as its document and the API order it.

A recording goes on beside whatever else the call does; it is over by its limit, by
whoever ordered it, or with the call, and is then handed to the archive. None of this
raises because of the disk: what could not be recorded is told to the customer.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from voiceplat.calls.call import Hook
from voiceplat.calls.recording import (
    Channels,
    EndReason,
    FileFormat,
    RecordingOrder,
    Taken,
    TranscriptionOrder,
)


class Scope(Enum):
    """Whom a mono recording has."""

    CALLER = auto()
    """The far end alone: a message that it leaves."""
    CALL = auto()
    """All that the leg says and hears, mixed."""


@dataclass(frozen=True, slots=True)
class RecordingWanted:
    """What a document says of a recording."""

    format: FileFormat
    channels: Channels
    limit_s: int
    ready: Hook | None = None
    transcription: TranscriptionOrder | None = None


class Taking(Protocol):
    """A recording that is about to begin, or under way."""

    def start(self) -> None:
        """The first sample is now."""
        ...

    async def until_over(self) -> EndReason:
        """Returns once it ended by its limit, with the call, or for want of room."""
        ...

    async def end(self, reason: EndReason) -> Taken:
        """End it; the first end counts. Returns when its audio is on the disk."""
        ...


class CallRecorder(Protocol):
    """The recordings of one call."""

    @property
    def has_audio(self) -> bool:
        """There is something to record: answered, or early media."""
        ...

    def order(self, wanted: RecordingWanted) -> RecordingOrder:
        """A new order; nothing is recorded before it is started."""
        ...

    def url(self, order: RecordingOrder) -> str:
        """Where its file can be fetched once it is ready."""
        ...

    def open(self, order: RecordingOrder, scope: Scope = Scope.CALL) -> Taking:
        """Make ready to record; what is started then begins at once."""
        ...

    def start(self, order: RecordingOrder) -> Taking:
        """Record all of the call from now on."""
        ...

    def start_at_dial_answer(self, order: RecordingOrder) -> None:
        """Record from when the next callee is connected, if there is one."""
        ...

    def dial_answered(self) -> None:
        """A callee is connected."""
        ...

    def stop(self, recording: str = "") -> bool:
        """End the one with that id, or all; whether there was one."""
        ...
