"""What the end of a leg by its far end means for its call."""

from typing import Final

from voiceplat.calls.call import Call
from voiceplat.calls.hangup import CAUSES, HangupCause, HangupSource, cause_of_sip
from voiceplat.calls.leg import Ended, Party
from voiceplat.calls.outcome import End
from voiceplat.calls.status import Direction

CHALLENGES: Final = (401, 407)
TIMED_OUT: Final = 408


def end_of(ended: Ended, call: Call, *, answered: bool) -> End:
    """It hung up, gave up, refused, or was lost."""
    inbound = call.direction is Direction.INBOUND
    source = HangupSource.CALLER if inbound else HangupSource.CALLEE
    if answered:
        return End(CAUSES[4000 if ended.by is Party.FAR else 5000], source)
    if inbound:
        return End(CAUSES[1000], source)
    if in_vain := _unauthorised(ended, call):
        return End(in_vain)
    told = ended.headers.get("X-VP-Cause", "")
    return End(
        cause_of_sip(
            ended.sip_status, told_by_edge=int(told) if told.isdecimal() else None
        )
    )


def _unauthorised(ended: Ended, call: Call) -> HangupCause | None:
    """A SIP URI that wants a password; of a carrier it is a refusal like any other."""
    if not call.to.lower().startswith(("sip:", "sips:")):
        return None
    if ended.sip_status in CHALLENGES:
        return CAUSES[4240]
    if ended.challenged and ended.sip_status == TIMED_OUT:
        return CAUSES[4250]
    return None
