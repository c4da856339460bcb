"""What a Dial is to do, read from its attributes."""

from collections.abc import Mapping
from dataclasses import dataclass

from voiceplat.calls import params
from voiceplat.calls.call import Hook
from voiceplat.calls.dialling import BLeg, BLegEnd, Target
from voiceplat.calls.hangup import HangupCause
from voiceplat.calls.leg import KeysBy, Leg
from voiceplat.calls.session import CallSession

RINGBACK = ""
REAL = "real"


@dataclass(frozen=True, slots=True)
class Callee:
    """One of those who ring."""

    target: Target
    position: int
    """From 1."""
    send_digits: str = ""
    digits_by: KeysBy = KeysBy.ANY
    send_on_preanswer: bool = False
    refused: HangupCause | None = None
    """Why it is not even called."""

    async def send_digits_to(self, leg: Leg) -> None:
        await leg.send_digits(self.send_digits, by=self.digits_by)

    def about(self, call: CallSession, b_leg: BLeg) -> params.DialledLeg:
        """As the callbacks name its leg."""
        return params.DialledLeg(
            a_leg=call.call.uuid,
            b_leg=b_leg.uuid,
            from_=self.target.caller_id,
            to=self.target.to,
            position=self.position,
            rate=b_leg.rate,
        )


@dataclass(frozen=True, slots=True)
class Confirm:
    """What a B leg hears before it is connected, and the key it must press then."""

    sound: str
    key: str
    """Empty when hearing it is enough."""
    within_s: float


@dataclass(frozen=True, slots=True)
class DialPlan:
    callees: tuple[Callee, ...]
    ring_s: float
    limit_s: float
    music: str
    """RINGBACK, REAL, or the URL of a sound document."""
    confirm: Confirm | None
    hang_up_on_star: bool
    patterns_a: tuple[str, ...]
    patterns_b: tuple[str, ...]
    events: Hook | None
    """Who is told of answers, digits and ends."""

    def tell(self, call: CallSession, event: Mapping[str, str]) -> None:
        if self.events is not None:
            call.documents.tell(self.events.url, self.events.method, event)

    def tell_hangup(
        self, call: CallSession, callee: Callee, b_leg: BLeg, ended: BLegEnd
    ) -> None:
        """An answered B leg is over."""
        end = ended.end
        source = (end.source or end.cause.source).value
        about = callee.about(call, b_leg)
        self.tell(call, params.dial_hangup(about, end.cause, source, ended.duration_s))
