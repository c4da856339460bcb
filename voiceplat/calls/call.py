"""A call's identity and instructions: what everybody who handles it must know.

It travels as JSON: in the queue's job, in the live record on the bus, in events.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from voiceplat.calls.rate import FREE, Rate
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.core.ids import AuthId, CallUuid


class Hook(BaseModel):
    """A URL of the customer's and its method; the URL may carry a `#ct=…` fragment."""

    model_config = ConfigDict(frozen=True)

    url: str
    method: str = "POST"


class Call(BaseModel):
    """One call, from acceptance to its terminal event; nothing in it ever changes."""

    model_config = ConfigDict(frozen=True)

    uuid: CallUuid
    account: AuthId
    """The (sub)account that owns the call; its token signs V2 and V3."""
    main_account: AuthId
    """Its main account; paces the queue, and its token signs the Ma headers."""
    direction: Direction
    from_: str
    """As told to the customer: digits without `+`, or `sip:user@phone.plivo.com`."""
    to: str
    caller_name: str = ""
    withheld: bool = False
    """The caller's number is not for callees: privacy of `Destination`."""
    initiated_at: datetime
    answer: Hook | None = None
    fallback: Hook | None = None
    ring: Hook | None = None
    hangup: Hook | None = None
    time_limit: timedelta = timedelta(seconds=14400)
    parent_uuid: CallUuid | None = None
    """The call that this one belongs to; `parent_call_uuid` of its record."""
    rate: Rate = FREE
    """What a minute costs its account; fixed when the call begins."""

    # outbound only
    document: str = Field(default="", repr=False)
    """The platform's own, run instead of what an answer URL would say."""
    ring_timeout: timedelta = timedelta(seconds=120)
    hangup_on_ring: timedelta | None = None
    send_digits: str = ""
    send_on_preanswer: bool = False
    sip_headers: dict[str, str] = Field(default_factory=dict)
    """Custom headers without their `X-PH-` prefix, allowed names only."""

    # inbound only
    forwarded_from: str = ""
    sip_to_header: str = ""
    """`SIP-H-To`, for calls from endpoints."""
    source_ip: str = ""
    endpoint: str = ""
    """Username of the endpoint that placed it."""


class EndFacts(BaseModel):
    """The terminal event's own facts; the call's story is on the record beside it."""

    model_config = ConfigDict(frozen=True)

    cause_code: int
    source: str
    at: datetime
    packets_received: int = 0
    packets_lost: int = 0
    jitter_ms: float = 0.0


class LiveCall(BaseModel):
    """A call's live record on the bus: what the API shows, and what a reaper needs."""

    model_config = ConfigDict(frozen=True)

    call: Call
    status: CallStatus
    worker: str = ""
    ringing_at: datetime | None = None
    answered_at: datetime | None = None


class EndedCall(LiveCall):
    """All about a call that is over; the one input of CDR and hangup callback."""

    end: EndFacts

    @property
    def duration_s(self) -> int:
        """Seconds talked, rounded up; 0 when never answered."""
        if self.answered_at is None:
            return 0
        spent = self.end.at - self.answered_at
        return max(0, -(-spent // timedelta(seconds=1)))

    @property
    def cost(self) -> Decimal:
        return self.call.rate.cost(self.duration_s)
