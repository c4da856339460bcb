"""What the refusal of an outbound leg means: above all a challenge that was not met."""

import pytest

from tests.fakes.session import a_call
from voiceplat.calls.leg import Ended, Party
from voiceplat.calls.status import Direction
from voiceplat.media.ends import end_of

ELSEWHERE, NUMBER = "sip:carol@elsewhere.example", "15550199"


@pytest.mark.parametrize(
    ("to", "status", "challenged", "cause"),
    [
        (ELSEWHERE, 401, 1, 4240),
        (ELSEWHERE, 407, 1, 4240),
        (ELSEWHERE, 403, 1, 3040),
        (ELSEWHERE, 486, 1, 3010),
        (ELSEWHERE, 408, 1, 4250),
        (ELSEWHERE, 408, 0, 3070),
        (NUMBER, 401, 1, 3040),
        (NUMBER, 407, 1, 3040),
    ],
)
def test_a_challenge_that_was_not_met_has_causes_of_its_own(
    to: str, status: int, challenged: int, cause: int
) -> None:
    ended = Ended(Party.FAR, status, challenged=bool(challenged))

    end = end_of(ended, a_call(Direction.OUTBOUND, to=to), answered=False)

    assert end.cause.code == cause
