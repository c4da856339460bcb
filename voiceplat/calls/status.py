"""The states of a call and the moves between them (plivo-rest 9.1)."""

from enum import StrEnum
from typing import Final

from voiceplat.core.errors import VoiceplatError


class CallStatus(StrEnum):
    QUEUED = "queued"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    TIMEOUT = "timeout"
    NO_ANSWER = "no-answer"
    CANCEL = "cancel"


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


UNANSWERED: Final = frozenset(
    {
        CallStatus.BUSY,
        CallStatus.FAILED,
        CallStatus.TIMEOUT,
        CallStatus.NO_ANSWER,
        CallStatus.CANCEL,
    }
)
TERMINAL: Final = UNANSWERED | {CallStatus.COMPLETED}
NEXT: Final = {
    CallStatus.QUEUED: UNANSWERED | {CallStatus.RINGING, CallStatus.IN_PROGRESS},
    CallStatus.RINGING: UNANSWERED | {CallStatus.IN_PROGRESS, CallStatus.COMPLETED},
    CallStatus.IN_PROGRESS: frozenset({CallStatus.COMPLETED}),
}


class IllegalMove(VoiceplatError):
    def __init__(self, now: CallStatus, to: CallStatus) -> None:
        super().__init__(f"a call that is {now} cannot become {to}")
        self.now = now
        self.to = to


def advance(now: CallStatus, to: CallStatus) -> CallStatus:
    """The new state, or IllegalMove."""
    if to not in NEXT.get(now, frozenset()):
        raise IllegalMove(now, to)
    return to
