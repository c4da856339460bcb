"""What is answered about calls: records, live and queued ones, just placed ones."""

from pydantic import Field

from voiceplat.api.auth import Caller
from voiceplat.api.wire.replies import Reply, Shown
from voiceplat.calls.call import LiveCall
from voiceplat.calls.hangup import CAUSES
from voiceplat.calls.params import STIR
from voiceplat.calls.rate import Rate
from voiceplat.core.clock import offset_text, session_text
from voiceplat.core.ids import CallUuid
from voiceplat.core.money import money_text
from voiceplat.db.models import CallRecord
from voiceplat.services.place_call import Placed


class CallsPlaced(Reply):
    message: str
    request_uuid: CallUuid | list[CallUuid]
    """Equal to the later call_uuid; a list when `to` named several destinations."""
    invalid_numbers: list[str] | None = None
    not_accepted: list[str] | None = None
    """Destinations that were left when the queue went away in the middle."""


class CallObject(Shown):
    answer_time: str | None
    bill_duration: int
    billed_duration: int
    call_direction: str
    call_duration: int
    call_state: str
    call_uuid: str
    cnam_lookup: str = ""
    conference_uuid: str | None = None
    end_time: str | None
    from_number: str
    hangup_cause_code: int
    hangup_cause_name: str
    hangup_source: str
    initiation_time: str | None
    parent_call_uuid: str | None
    resource_uri: str
    source_ip: str
    stir_attestation: str = ""
    stir_verification: str = STIR
    to_number: str
    total_amount: str
    total_rate: str
    voice_network_group: str = ""


class CallDetails(CallObject, Reply):
    pass


class CallUuids(Reply):
    calls: list[CallUuid]


class QueuedCallDetails(Reply):
    call_status: str
    call_uuid: str
    caller_name: str
    direction: str
    from_: str = Field(serialization_alias="from")
    to: str
    request_uuid: str


class LiveCallDetails(QueuedCallDetails):
    session_start: str
    stir_verification: str = STIR
    stir_attestation: str = ""


def placed_reply(placed: Placed, bad: list[str], *, bulk: bool) -> CallsPlaced:
    """`call fired` when it may be dialled at once, `call queued` when it waits."""
    word = "fired" if placed.at_once or bulk else "queued"
    return CallsPlaced(
        message=f"calls {word}" if bulk else f"call {word}",
        request_uuid=placed.uuids if bulk else placed.uuids[0],
        invalid_numbers=bad or None,
        not_accepted=placed.refused or None,
    )


def record_object(row: CallRecord, caller: Caller) -> CallObject:
    return CallObject.model_validate(_record_fields(row, caller))


def record_details(row: CallRecord, caller: Caller) -> CallDetails:
    return CallDetails.model_validate(_record_fields(row, caller))


def _record_fields(row: CallRecord, caller: Caller) -> dict[str, object]:
    zone = caller.zone
    cause = CAUSES.get(row.hangup_cause_code, CAUSES[0])
    rate = Rate(per_minute=row.rate, pulse_s=row.pulse_s)
    state = row.status.upper().replace("-", "_")
    return {
        "answer_time": offset_text(row.answered_at, zone),
        "bill_duration": row.bill_duration,
        "billed_duration": rate.billed_s(row.bill_duration),
        "call_direction": row.direction,
        "call_duration": row.bill_duration,
        "call_state": state if row.answered_at is None else "ANSWER",
        "call_uuid": row.call_uuid,
        "end_time": offset_text(row.ended_at, zone),
        "from_number": row.from_number,
        "hangup_cause_code": row.hangup_cause_code,
        "hangup_cause_name": cause.name,
        "hangup_source": row.hangup_source,
        "initiation_time": offset_text(row.initiated_at, zone),
        "parent_call_uuid": row.parent_call_uuid,
        "resource_uri": caller.uri(f"Call/{row.call_uuid}/"),
        "source_ip": row.source_ip,
        "to_number": row.to_number,
        "total_amount": money_text(row.amount),
        "total_rate": rate.text,
    }


def queued_details(live: LiveCall) -> QueuedCallDetails:
    return QueuedCallDetails.model_validate(_live_fields(live))


def live_details(live: LiveCall) -> LiveCallDetails:
    started = {"session_start": session_text(live.call.initiated_at)}
    return LiveCallDetails.model_validate(_live_fields(live) | started)


def _live_fields(live: LiveCall) -> dict[str, object]:
    call = live.call
    return {
        "call_status": live.status,
        "call_uuid": call.uuid,
        "caller_name": call.caller_name,
        "direction": call.direction,
        "from_": call.from_,
        "to": call.to,
        "request_uuid": call.uuid,
    }
