"""What a far end asks for by REFER, and what it is told of it (RFC 3515).

The library would dial a referral's target itself, so the edge accepts REFER in our name
and hands it over in a MESSAGE (docs/edge.md). What follows is ours: NOTIFYs within the
call, the last of which ends the subscription that REFER began.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pjsua2 as pj

from voiceplat.calls.leg import Referral
from voiceplat.telephony.sip_message import one_line

CALL_ID: Final = "X-VP-Call-ID"
"""Header of the edge's MESSAGE: the call it belongs to."""
SUBSCRIPTION: Final = "X-VP-Refer-CSeq"
"""Header of the same: what tells two referrals of one call apart."""
TRYING: Final = 100
FINAL: Final = 200
DECLINE: Final = 603
_REASONS: Final = {
    TRYING: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    486: "Busy Here",
    DECLINE: "Decline",
}


class Referrals:
    """Those of one leg, on the loop's thread."""

    def __init__(self, call: pj.Call) -> None:
        self._call = call
        self._waiting: deque[Referral] = deque()
        self.news = asyncio.Event()
        self._listeners = 0

    def take(self, to: str, number: str) -> None:
        """One that came in; nobody listens: it is declined."""
        if not self._listeners or not to:
            self._notify(number, DECLINE)
            return
        self._notify(number, TRYING)
        self._waiting.append(Referral(to, number))
        self.news.set()

    @contextmanager
    def awaited(self) -> Iterator[None]:
        """While somebody is in here referrals are taken."""
        self._listeners += 1
        try:
            yield
        finally:
            self._listeners -= 1

    def first(self) -> Referral | None:
        self.news.clear()
        return self._waiting.popleft() if self._waiting else None

    def tell(self, referral: Referral, sip_status: int) -> None:
        self._notify(referral.number, sip_status)

    def _notify(self, number: str, status: int) -> None:
        over = status >= FINAL
        state = "terminated;reason=noresource" if over else "active;expires=180"
        request = pj.CallSendRequestParam()
        request.method = "NOTIFY"
        for name, value in (
            ("Event", f"refer;id={number}" if number else "refer"),
            ("Subscription-State", state),
        ):
            header = pj.SipHeader()
            header.hName, header.hValue = name, one_line(value)
            request.txOption.headers.append(header)
        request.txOption.contentType = "message/sipfrag;version=2.0"
        request.txOption.msgBody = f"SIP/2.0 {status} {_reason(status)}\r\n"
        self._call.sendRequest(request)


def _reason(status: int) -> str:
    return _REASONS.get(status, "Answer")
