"""Moments of a call for tests that show its timeline."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tests.api.conftest import Server
from voiceplat.calls.timeline import (
    ElementRun,
    KeyPress,
    Moment,
    SipMessage,
    StateChange,
    WebRequest,
)
from voiceplat.core.ids import CallUuid

FAR, EDGE = "192.0.2.44:5060", "127.0.0.1:5060"
PRIVATE, WORKER = "127.0.0.1:5070", "127.0.0.1:7000"


async def note(server: Server, uuid: str, moments: Sequence[Moment]) -> None:
    kept = timedelta(hours=1)
    await server.bus.timelines.add({CallUuid(uuid): moments}, most=500, kept=kept)


def sip(
    at: datetime, source: str, target: str, line: str, *, outside: bool = True
) -> SipMessage:
    return SipMessage(
        at=at,
        source=source,
        target=target,
        transport="udp",
        outside=outside,
        first_line=line,
        call_id="1@example",
        text=f"{line}\r\nCall-ID: 1@example\r\n\r\n",
    )


def request(
    at: datetime, purpose: str, *, status: int | None = 200, trouble: str = ""
) -> WebRequest:
    return WebRequest(
        at=at,
        purpose=purpose,
        method="POST",
        url=f"https://app.example/{purpose}",
        params={"CallStatus": "in-progress"},
        signed=f"https://app.example/{purpose}.CallStatusin-progress.1",
        status=status,
        took_ms=12.5,
        content_type="application/xml",
        body="<Response/>",
        trouble=trouble,
    )


def failed_call(at: datetime) -> list[Moment]:
    """Comes in, is asked for a digit, ends because its action answers 500."""
    after = [at + timedelta(seconds=seconds) for seconds in range(8)]
    invite = "INVITE sip:14155550100@voice.example.com SIP/2.0"
    return [
        sip(after[0], FAR, EDGE, invite),
        sip(after[1], PRIVATE, WORKER, invite, outside=False),
        request(after[2], "answer"),
        ElementRun(at=after[3], tag="GetDigits", state="begins"),
        KeyPress(at=after[4], digit="2", whose="caller"),
        ElementRun(at=after[5], tag="GetDigits", state="ends", took_ms=2000),
        request(after[6], "action", status=500, trouble="answered 500"),
        StateChange(at=after[7], state="ended", detail="Error Reaching Action URL"),
    ]
