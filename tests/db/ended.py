"""Ended calls to put on record."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.db.conftest import MAIN
from voiceplat.calls.call import Call, EndedCall, EndFacts
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.core.ids import AuthId, new_call_uuid

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def ended_call(  # noqa: PLR0913 - a call has many facts
    *,
    account: AuthId = MAIN,
    main: AuthId = MAIN,
    at: datetime = NOON,
    talked_s: float = 5,
    cause: int = 4000,
    source: str = "Callee",
    **call: Any,  # noqa: ANN401 - fields of Call
) -> EndedCall:
    """A call that was answered `talked_s` before its end; 0: never answered."""
    started = at - timedelta(seconds=talked_s + 10)
    known: dict[str, Any] = {
        "uuid": new_call_uuid(),
        "direction": Direction.OUTBOUND,
        "from_": "14155550100",
        "to": "14155550199",
        "initiated_at": started,
    }
    return EndedCall(
        call=Call(account=account, main_account=main, **known | call),
        status=CallStatus.IN_PROGRESS if talked_s else CallStatus.QUEUED,
        answered_at=at - timedelta(seconds=talked_s) if talked_s else None,
        end=EndFacts(cause_code=cause, source=source, at=at),
    )
