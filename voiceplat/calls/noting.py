"""What is noted of one call while it runs, from its elements to its troubles."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from voiceplat.calls.blotting import (
    blotted_attributes,
    blotted_body,
    blotted_digits,
)
from voiceplat.calls.call import Call
from voiceplat.calls.leg import Party
from voiceplat.calls.timeline import (
    ElementRun,
    KeyPress,
    NoTimeline,
    RecordingNote,
    Timeline,
    WebRequest,
)
from voiceplat.calls.trouble import NoTroubles, Trouble, TroubleKind, Troubles
from voiceplat.core.clock import utc_now

BODY_MAX: Final = 1000
"""Characters of an element's body."""
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class RunningElement:
    tag: str
    began_at: datetime


@dataclass(frozen=True, slots=True)
class CallNotes:
    call: Call
    timeline: Timeline = NoTimeline()
    troubles: Troubles = NoTroubles()
    digits: bool = False
    """Whether keys and understood speech can be read."""

    def element_begins(
        self, tag: str, attributes: Mapping[str, str], text: str
    ) -> RunningElement:
        began_at = utc_now()
        body = blotted_body(tag, text, digits=self.digits)
        if self.call.document:
            body = ""  # one of the platform's own speaks a code
        begins = ElementRun(
            at=began_at,
            tag=tag,
            state="begins",
            attributes=blotted_attributes(attributes, digits=self.digits),
            text=body[:BODY_MAX],
        )
        self.timeline.note(self.call.uuid, begins)
        return RunningElement(tag, began_at)

    def element_ends(self, running: RunningElement, outcome: str) -> None:
        now = utc_now()
        ends = ElementRun(
            at=now,
            tag=running.tag,
            state="ends",
            outcome=outcome,
            took_ms=_milliseconds(now - running.began_at),
        )
        self.timeline.note(self.call.uuid, ends)

    def key(self, digit: str, by: Party) -> None:
        """A KeyWatch of the call's leg."""
        pressed = KeyPress(
            at=utc_now(),
            digit=digit if self.digits else blotted_digits(digit),
            whose="caller" if by is Party.FAR else "platform",
        )
        self.timeline.note(self.call.uuid, pressed)

    def recording(
        self,
        recording_id: str,
        state: Literal["begins", "ends", "failed"],
        took: timedelta | None = None,
    ) -> None:
        note = RecordingNote(
            at=utc_now(),
            recording_id=recording_id,
            state=state,
            took_ms=None if took is None else _milliseconds(took),
        )
        self.timeline.note(self.call.uuid, note)

    def request(self, request: WebRequest) -> None:
        self.timeline.note(self.call.uuid, request)

    def trouble(self, kind: TroubleKind, text: str) -> None:
        trouble = Trouble(
            at=utc_now(),
            account=self.call.account,
            kind=kind,
            call_uuid=self.call.uuid,
            text=text,
        )
        self.troubles.trouble(trouble, self.call.main_account)


def _milliseconds(span: timedelta) -> float:
    return round(span / _MILLISECOND, 1)
