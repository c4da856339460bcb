"""What the end of a leg by its far end means for its call."""

from voiceplat.calls.hangup import CAUSES, HangupSource, cause_of_sip
from voiceplat.calls.leg import Ended, Party
from voiceplat.calls.outcome import End
from voiceplat.calls.status import Direction


def end_of(ended: Ended, direction: Direction, *, answered: bool) -> End:
    """It hung up, gave up, refused, or was lost."""
    inbound = direction is Direction.INBOUND
    source = HangupSource.CALLER if inbound else HangupSource.CALLEE
    if answered:
        return End(CAUSES[4000 if ended.by is Party.FAR else 5000], source)
    if inbound:
        return End(CAUSES[1000], source)
    told = ended.headers.get("X-VP-Cause", "")
    return End(
        cause_of_sip(
            ended.sip_status, told_by_edge=int(told) if told.isdecimal() else None
        )
    )
