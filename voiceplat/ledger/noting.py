"""What the ledger sees of calls, for their timelines, and which of it is a trouble."""

from dataclasses import dataclass
from typing import Final

from voiceplat.bus.events import Event, EventKind
from voiceplat.calls.blotting import shown_url
from voiceplat.calls.call import EndedCall
from voiceplat.calls.hangup import CAUSES, HangupCause
from voiceplat.calls.params import purpose
from voiceplat.calls.recording import Recording
from voiceplat.calls.status import CallStatus
from voiceplat.calls.timeline import NoTimeline, RecordingNote, StateChange, Timeline
from voiceplat.calls.trouble import NoTroubles, Trouble, TroubleKind, Troubles
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AuthId
from voiceplat.db.models import Callback
from voiceplat.webhooks.exchange import Watcher
from voiceplat.webhooks.noted import noting

_OF_DOCUMENTS: Final = range(7000, 9000)
"""Causes whose trouble the worker has told already, with the URL."""
_WANTED: Final = frozenset({6000, 9100, 9110})
"""Causes that somebody asked for: a time limit, no machines, confirmation by a key."""


@dataclass(frozen=True, slots=True)
class LedgerNotes:
    timeline: Timeline = NoTimeline()
    troubles: Troubles = NoTroubles()
    digits: bool = False
    """Whether they can be read."""

    def applied(self, event: Event) -> None:
        """An event is in the database."""
        match EventKind(event.kind):
            case EventKind.INITIATED:
                self._state(event, StateChange(at=event.at, state="initiated"))
            case EventKind.RINGING:
                self._state(event, StateChange(at=event.at, state="ringing"))
            case EventKind.ANSWERED:
                self._state(event, StateChange(at=event.at, state="answered"))
            case EventKind.ENDED:
                self._ended(event, event.ended())
            case EventKind.RECORDED:
                self._recorded(event, event.recorded())
            case EventKind.CALLBACK:
                pass

    def watcher(self, row: Callback) -> Watcher:
        """For the attempts to deliver a callback."""
        return noting(
            lambda request: self.timeline.note(row.call_uuid, request),
            digits=self.digits,
        )

    def failed(self, row: Callback, why: str, main: AuthId | None) -> None:
        """A callback will not be delivered any more."""
        place = shown_url(row.url).partition("?")[0]
        what = purpose(row.params)
        trouble = Trouble(
            at=utc_now(),
            account=row.account_id,
            kind=TroubleKind.REQUEST,
            call_uuid=row.call_uuid,
            text=f"{what} URL {place}: {why}",
        )
        self.troubles.trouble(trouble, main)

    def _state(self, event: Event, change: StateChange) -> None:
        self.timeline.note(event.call_uuid, change)

    def _ended(self, event: Event, ended: EndedCall) -> None:
        cause = CAUSES[ended.end.cause_code]
        told = f"{cause.name} ({cause.code}), by {ended.end.source}"
        change = StateChange(at=ended.end.at, state="ended", detail=told)
        self._state(event, change)
        if _is_trouble(cause):
            call = ended.call
            trouble = Trouble(
                at=ended.end.at,
                account=call.account,
                kind=TroubleKind.CALL,
                call_uuid=call.uuid,
                text=f"{call.direction} call from {call.from_} to {call.to}: {told}",
            )
            self.troubles.trouble(trouble, call.main_account)

    def _recorded(self, event: Event, recording: Recording) -> None:
        note = RecordingNote(
            at=event.at,
            recording_id=recording.order.id,
            state="failed" if recording.failure else "ready",
        )
        self.timeline.note(recording.order.call_uuid, note)


def _is_trouble(cause: HangupCause) -> bool:
    return (
        cause.status is CallStatus.FAILED
        and cause.code not in _WANTED
        and cause.code not in _OF_DOCUMENTS
    )
