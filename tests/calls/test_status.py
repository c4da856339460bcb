"""States of a call, and the moves that are none."""

import pytest

from voiceplat.calls.status import TERMINAL, CallStatus, IllegalMove, advance


def test_a_call_that_was_answered_can_only_complete() -> None:
    for status in TERMINAL - {CallStatus.COMPLETED}:
        with pytest.raises(IllegalMove):
            advance(CallStatus.IN_PROGRESS, status)

    assert advance(CallStatus.IN_PROGRESS, CallStatus.COMPLETED) == "completed"


@pytest.mark.parametrize("over", sorted(TERMINAL))
def test_nothing_follows_the_end(over: CallStatus) -> None:
    for status in CallStatus:
        with pytest.raises(IllegalMove):
            advance(over, status)
