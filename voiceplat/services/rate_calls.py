"""What new calls cost, and whether their account may begin them."""

from collections.abc import Sequence

from voiceplat.bus.bus import Bus
from voiceplat.calls.call import Call
from voiceplat.calls.status import Direction
from voiceplat.core.errors import OutOfCredits
from voiceplat.db.models import Account


async def rate_calls(calls: Sequence[Call], main: Account, bus: Bus) -> list[Call]:
    """The outbound calls, each with its rate. Raises OutOfCredits, Unavailable."""
    destinations = [call.to for call in calls]
    rates = await bus.directory.rates(destinations, Direction.OUTBOUND)
    if not main.can_pay and not all(rate.is_free for rate in rates):
        raise OutOfCredits(main.auth_id)
    return [
        call.model_copy(update={"rate": rate})
        for call, rate in zip(calls, rates, strict=True)
    ]
