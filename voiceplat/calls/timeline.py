"""A call's timeline: what happened in it, moment by moment, for people who debug it.

Whoever sees a moment notes it: the edge SIP messages, the worker requests, elements,
keys and recordings, the ledger the callbacks that only tell. A timeline is an aid: it
may lose moments when a process or Redis dies, and no call ever waits for it. Secrets
never enter it; digits only by setting.
"""

from datetime import datetime
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from typing_extensions import override

from voiceplat.core.ids import CallUuid


class Noted(BaseModel):
    model_config = ConfigDict(frozen=True)

    at: datetime
    """When it began."""


class SipMessage(Noted):
    kind: Literal["sip"] = "sip"
    source: str
    """`IP:PORT` of who sent it."""
    target: str
    transport: str
    outside: bool
    """Between the edge and the world; else between the edge and a worker."""
    first_line: str
    call_id: str
    text: str
    """The whole message; credentials and, by setting, digits are blotted out."""


class WebRequest(Noted):
    """One attempt of a request to the customer's server."""

    kind: Literal["request"] = "request"
    purpose: str
    """What it was made for: `answer`, `action`, `hangup` …; empty when not known."""
    method: str
    url: str
    """Without user, password and fragment."""
    params: dict[str, str]
    signed: str
    """What V3 signed: its base string; the token is not in it."""
    status: int | None = None
    took_ms: float
    content_type: str = ""
    body: str = ""
    """The answer, its first characters."""
    trouble: str = ""
    """Why it failed, for people; empty when it did not."""


class ElementRun(Noted):
    """An element begins or ends."""

    kind: Literal["element"] = "element"
    tag: str
    state: Literal["begins", "ends"]
    attributes: dict[str, str] = Field(default_factory=dict)
    """As they were written, those that were."""
    text: str = ""
    """Its body, its first characters."""
    outcome: str = ""
    """Of one that ended, for people: goes on, goes to a URL, ends the call."""
    took_ms: float | None = None


class KeyPress(Noted):
    kind: Literal["key"] = "key"
    digit: str
    """`•` where digits are not kept."""
    whose: Literal["caller", "platform"]
    """Who pressed it: the far end, or the platform that sends digits."""


class RecordingNote(Noted):
    kind: Literal["recording"] = "recording"
    recording_id: str
    state: Literal["begins", "ends", "ready", "failed"]
    took_ms: float | None = None


class StateChange(Noted):
    """The call's own story: initiated, ringing, answered, ended."""

    kind: Literal["state"] = "state"
    state: str
    detail: str = ""
    """Of `ended`: cause and source, for people."""


Moment = Annotated[
    SipMessage | WebRequest | ElementRun | KeyPress | RecordingNote | StateChange,
    Field(discriminator="kind"),
]
MOMENT: TypeAdapter[Moment] = TypeAdapter(Moment)


class Timeline(Protocol):
    """Where moments are noted; returns at once, never raises."""

    def note(self, uuid: CallUuid, moment: Moment) -> None: ...

    def is_dialog_of(self, uuid: CallUuid, sip_call_id: str) -> None:
        """Whose SIP messages have that Call-ID; needed for calls that come in."""


class NoTimeline(Timeline):
    """For calls that nobody watches."""

    @override
    def note(self, uuid: CallUuid, moment: Moment) -> None:
        """Forget it."""

    @override
    def is_dialog_of(self, uuid: CallUuid, sip_call_id: str) -> None:
        """Forget it."""
