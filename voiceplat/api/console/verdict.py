"""What happened to a call, at one look: in a sentence, with the moment that decided."""

import re
from collections.abc import Sequence
from typing import Final, Literal

from pydantic import BaseModel

from voiceplat.api.console.rows import CallRow
from voiceplat.calls.hangup_words import Tone
from voiceplat.calls.status import CallStatus
from voiceplat.calls.timeline import (
    Moment,
    RecordingNote,
    SipMessage,
    StateChange,
    WebRequest,
)

_RESPONSE: Final = re.compile(r"SIP/2\.0 (\d{3}) ?(.*)")
_CHALLENGES: Final = {401, 407}
_CANCELLED: Final = 487
_WORDS: Final = {
    CallStatus.QUEUED: "It waits in the queue.",
    CallStatus.RINGING: "It rings.",
    CallStatus.IN_PROGRESS: "It is in progress.",
}
_REQUEST_CODES: Final = range(7000, 9000)
"""Causes that a request to the customer's server led to."""


class Verdict(BaseModel):
    tone: Tone | Literal["live"]
    title: str
    reason: str = ""
    """What the moment that decided said, in its own words."""
    advice: str = ""
    moment: str = ""
    """Its id; empty when no moment tells more than the cause does."""


def verdict_of(call: CallRow, moments: Sequence[tuple[str, Moment]]) -> Verdict:
    if call.cause is None:
        title = _WORDS.get(call.status, "It is about to be on record.")
        return Verdict(tone="live", title=title)
    decided, reason = "", ""
    if call.cause.tone is not Tone.GOOD:
        decided, reason = _decided(call.cause.code, moments)
    return Verdict(
        tone=call.cause.tone,
        title=call.cause.happened,
        reason=reason,
        advice=call.cause.advice,
        moment=decided,
    )


def failed(moment: Moment) -> bool:
    """Whether it is a failure by itself, whatever became of the call."""
    match moment:
        case WebRequest():
            return bool(moment.trouble) or not _is_fine(moment.status)
        case SipMessage():
            status = sip_status(moment)
            return status >= 400 and status not in {*_CHALLENGES, _CANCELLED}
        case RecordingNote():
            return moment.state == "failed"
        case _:
            return False


def sip_status(message: SipMessage) -> int:
    """0 for a request."""
    found = _RESPONSE.match(message.first_line)
    return int(found[1]) if found else 0


def _is_fine(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def _decided(code: int, moments: Sequence[tuple[str, Moment]]) -> tuple[str, str]:
    """The moment that led to the cause, and what it says."""
    latest_first = list(reversed(moments))
    if code in _REQUEST_CODES:
        for id_, moment in latest_first:
            if isinstance(moment, WebRequest) and moment.purpose != "hangup":
                return id_, _said(moment)
    for id_, moment in latest_first:
        if isinstance(moment, SipMessage) and failed(moment):
            return id_, moment.first_line.removeprefix("SIP/2.0 ")
    for id_, moment in latest_first:
        if isinstance(moment, StateChange) and moment.state == "ended":
            return id_, moment.detail
    return "", ""


def _said(request: WebRequest) -> str:
    asked = f"{request.method} {request.url}"
    if request.trouble:
        return f"{asked}: {request.trouble}"
    return f"{asked} answered {request.status}"
