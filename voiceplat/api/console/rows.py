"""Calls as the console's pages show them, live or over: one row of a list."""

from datetime import datetime

from pydantic import BaseModel

from voiceplat.calls.call import LiveCall
from voiceplat.calls.hangup import CAUSES
from voiceplat.calls.hangup_words import Tone, words_of
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.core.ids import AuthId, CallUuid
from voiceplat.db.models import CallRecord


class CauseView(BaseModel):
    code: int
    name: str
    tone: Tone
    happened: str
    advice: str

    @classmethod
    def of(cls, code: int) -> "CauseView":
        words = words_of(code)
        return cls(
            code=code,
            name=CAUSES[code].name if code in CAUSES else str(code),
            tone=words.tone,
            happened=words.happened,
            advice=words.advice,
        )


class CallRow(BaseModel):
    uuid: CallUuid
    account: AuthId
    direction: Direction
    from_number: str
    to_number: str
    caller_name: str
    status: CallStatus
    is_live: bool
    parent_uuid: CallUuid | None
    initiated_at: datetime
    ringing_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None = None
    talked_s: int = 0
    """0 while it is live: count from `answered_at`."""
    cause: CauseView | None = None
    source: str = ""
    """Who ended it."""


def live_row(live: LiveCall) -> CallRow:
    call = live.call
    return CallRow(
        uuid=call.uuid,
        account=call.account,
        direction=call.direction,
        from_number=call.from_,
        to_number=call.to,
        caller_name=call.caller_name,
        status=live.status,
        is_live=True,
        parent_uuid=call.parent_uuid,
        initiated_at=call.initiated_at,
        ringing_at=live.ringing_at,
        answered_at=live.answered_at,
    )


def record_row(record: CallRecord) -> CallRow:
    return CallRow(
        uuid=record.call_uuid,
        account=record.account_id,
        direction=record.direction,
        from_number=record.from_number,
        to_number=record.to_number,
        caller_name=record.caller_name,
        status=record.status,
        is_live=False,
        parent_uuid=record.parent_call_uuid,
        initiated_at=record.initiated_at,
        ringing_at=record.ringing_at,
        answered_at=record.answered_at,
        ended_at=record.ended_at,
        talked_s=record.bill_duration,
        cause=CauseView.of(record.hangup_cause_code),
        source=record.hangup_source,
    )
