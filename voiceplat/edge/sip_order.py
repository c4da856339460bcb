"""Puts captured messages right that seem to be sent after what they led to.

Kamailio writes the time on what it has sent, a moment after sending; on a busy machine
the answer may be there and captured before. Then what was sent is as old as its answer.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

CALLS_MAX: Final = 500
"""Calls that are looked at, 4 kB each; of more the oldest is forgotten.

Messages change places within milliseconds: the latest calls are enough.
"""
_JUST_BEFORE: Final = timedelta(microseconds=1)

Key = tuple[bool, str, str]
"""Side, CSeq, and what of it: `0` is the request, `final` its final response."""


@dataclass(frozen=True, slots=True)
class Traced:
    """What of a message tells its place among the others of its call."""

    call_id: str
    outside: bool
    sent: bool
    """By the edge."""
    first_line: str
    cseq: str
    """`2 INVITE`."""
    at: datetime

    @property
    def status(self) -> int:
        """0 of a request."""
        word = self.first_line[8:11]
        is_response = self.first_line.startswith("SIP/2.0 ") and word.isdecimal()
        return int(word) if is_response else 0


@dataclass(slots=True)
class _Dialog:
    sent: set[Key] = field(default_factory=set)
    led_to: dict[Key, datetime] = field(default_factory=dict)
    """When the first came that cannot have been before what is named here."""


class SipOrder:
    def __init__(self) -> None:
        self._dialogs: OrderedDict[str, _Dialog] = OrderedDict()

    def time_of(self, message: Traced) -> datetime:
        """Its time, or that before the first answer to it."""
        dialog = self._dialogs.get(message.call_id)
        if dialog is None:
            dialog = self._dialogs[message.call_id] = _Dialog()
            if len(self._dialogs) > CALLS_MAX:
                self._dialogs.popitem(last=False)
        if not message.sent:
            if (cause := _cause_of(message)) and cause not in dialog.sent:
                dialog.led_to.setdefault(cause, message.at)
            return message.at
        key = _key_of(message)
        if key in dialog.sent:
            return message.at
        dialog.sent.add(key)
        answered_at = dialog.led_to.pop(key, None)
        if answered_at is None:
            return message.at
        return min(message.at, answered_at - _JUST_BEFORE)


def _key_of(sent: Traced) -> Key:
    what = "final" if sent.status >= 200 else str(sent.status)
    return sent.outside, sent.cseq, what


def _cause_of(came: Traced) -> Key | None:
    """What must have been sent before this came."""
    if came.status:
        return came.outside, came.cseq, "0"
    number, _, method = came.cseq.partition(" ")
    return (came.outside, f"{number} INVITE", "final") if method == "ACK" else None
