"""What Plivo documents that each request returns (plivo-rest 2 to 7)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from dirty_equals import AnyThing, IsInt, IsOneOf, IsStr

from tests.compat.sdk.programs import camel

OF_THE_SDK: Final = {"id", "statusCode"}
"""What its classes add to what they were told."""

Shape = Any
"""A dict of fields, a list of one shape for all items, a value to equal, or None."""

UUID: Final = IsStr(
    regex=r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)
DIGITS: Final = IsStr(regex=r"\d+")
TIME: Final = IsStr(regex=r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d")
MONEY: Final = IsStr(regex=r"\d+\.\d{5}")
PATH: Final = IsStr(regex=r"/v1/Account/.+/")
URL: Final = IsStr(regex=r"https?://.+")
TEXT: Final = IsStr()
BOOL: Final = IsOneOf(True, False)
TEXT_OR_NULL: Final = IsStr() | IsOneOf(None)
ANYTHING: Final = AnyThing()
COUNT: Final = IsInt(ge=0)

META: Final = {
    "limit": COUNT,
    "offset": COUNT,
    "next": TEXT_OR_NULL,
    "previous": TEXT_OR_NULL,
    "total_count": COUNT,
}


def done(message: Shape, **more: Shape) -> Shape:
    return {"api_id": UUID, "message": message, **more}


def one(fields: Mapping[str, Shape]) -> Shape:
    return {"api_id": UUID, **fields}


def many(fields: Mapping[str, Shape], meta: Mapping[str, Shape] = META) -> Shape:
    return {"api_id": UUID, "meta": dict(meta), "objects": [dict(fields)]}


CHANGED: Final = done("changed")
CALLER_ID: Final = {
    "alias": TEXT,
    "channel": "call",
    "country": TEXT,
    "created_at": TEXT,
    "modified_at": TEXT,
    "phone_number": DIGITS,
    "subaccount": TEXT,
    "verification_uuid": UUID,
}
FIRED: Final = IsOneOf("call fired", "call queued")
"""By how many others the account has just begun."""

ACCOUNT: Final = {
    "account_type": TEXT,
    "address": TEXT,
    "auth_id": TEXT,
    "auto_recharge": BOOL,
    "billing_mode": TEXT,
    "cash_credits": MONEY,
    "city": TEXT,
    "name": TEXT,
    "resource_uri": PATH,
    "state": TEXT,
    "timezone": TEXT,
}
SUBACCOUNT: Final = {
    "account": PATH,
    "auth_id": IsStr(regex="SA[A-Z0-9]{18}"),
    "auth_token": TEXT,
    "created": TEXT,
    "enabled": BOOL,
    "modified": TEXT_OR_NULL,
    "name": TEXT,
    "new_auth_token": TEXT_OR_NULL,
    "resource_uri": PATH,
}
APPLICATION: Final = {
    "answer_method": TEXT,
    "answer_url": TEXT,
    "app_id": DIGITS,
    "app_name": TEXT,
    "application_type": "XML",
    "default_app": BOOL,
    "default_endpoint_app": BOOL,
    "enabled": BOOL,
    "fallback_answer_url": TEXT,
    "fallback_method": TEXT,
    "hangup_method": TEXT,
    "hangup_url": TEXT,
    "log_incoming_messages": BOOL,
    "message_method": TEXT,
    "message_url": TEXT,
    "public_uri": BOOL,
    "resource_uri": PATH,
    "sip_uri": IsStr(regex=r"sip:\d+@app\.plivo\.com"),
    "sub_account": TEXT_OR_NULL,
}
ENDPOINT: Final = {
    "alias": TEXT,
    "application": TEXT_OR_NULL,
    "endpoint_id": DIGITS,
    "resource_uri": PATH,
    "sip_contact": TEXT_OR_NULL,
    "sip_expires": TEXT_OR_NULL,
    "sip_registered": IsOneOf("true", "false"),
    "sip_uri": IsStr(regex=r"sip:\w+@phone\.plivo\.com"),
    "sip_user_agent": TEXT_OR_NULL,
    "sub_account": TEXT_OR_NULL,
    "username": TEXT,
}
NUMBER: Final = {
    **dict.fromkeys(
        (
            "alias",
            "application",
            "carrier",
            "city",
            "compliance_application_id",
            "compliance_status",
            "country",
            "renewal_date",
            "region",
            "sub_account",
            "tendlc_campaign_id",
            "tendlc_registration_status",
            "toll_free_sms_verification",
        ),
        TEXT_OR_NULL,
    ),
    **dict.fromkeys(("mms_enabled", "sms_enabled", "voice_enabled", "active"), BOOL),
    **dict.fromkeys(
        ("mms_rate", "monthly_rental_rate", "sms_rate", "voice_rate"), TEXT_OR_NULL
    ),
    "added_on": IsStr(regex=r"\d{4}-\d\d-\d\d"),
    "cnam_lookup": TEXT_OR_NULL,
    "number": DIGITS,
    "number_type": TEXT,
    "resource_uri": PATH,
}
CDR: Final = {
    **dict.fromkeys(
        ("bill_duration", "billed_duration", "call_duration", "hangup_cause_code"),
        COUNT,
    ),
    **dict.fromkeys(
        (
            "cnam_lookup",
            "from_number",
            "hangup_cause_name",
            "hangup_source",
            "source_ip",
            "stir_attestation",
            "stir_verification",
            "to_number",
            "voice_network_group",
        ),
        TEXT,
    ),
    "answer_time": TIME | IsOneOf(None),
    "call_direction": IsOneOf("inbound", "outbound"),
    "call_state": TEXT,
    "call_uuid": UUID,
    "conference_uuid": TEXT_OR_NULL,
    "end_time": TIME,
    "initiation_time": TIME,
    "parent_call_uuid": TEXT_OR_NULL,
    "resource_uri": PATH,
    "total_amount": MONEY,
    "total_rate": MONEY,
}
QUEUED_CALL: Final = {
    "call_status": "queued",
    "call_uuid": UUID,
    "caller_name": TEXT,
    "direction": "outbound",
    "from": TEXT,
    "request_uuid": UUID,
    "to": TEXT,
}
LIVE_CALL: Final = QUEUED_CALL | {
    "call_status": "in-progress",
    "session_start": IsStr(regex=r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}"),
    "stir_attestation": TEXT,
    "stir_verification": TEXT,
}
CALL_UUID: Final = {"call_uuid": UUID}
CALL_IDS: Final = {"api_id": UUID, "calls": [UUID]}

RECORDING_STARTED: Final = done("call recording started", recording_id=UUID, url=URL)
RECORDING: Final = {
    "add_time": TIME,
    "call_uuid": UUID,
    "conference_name": TEXT_OR_NULL,
    "conference_uuid": TEXT_OR_NULL,
    "from_number": TEXT,
    "monthly_recording_storage_amount": ANYTHING,
    "mpc_name": TEXT_OR_NULL,
    "mpc_uuid": TEXT_OR_NULL,
    "recording_duration_ms": IsStr(regex=r"\d+\.\d{5}"),
    "recording_end_ms": IsStr(regex=r"\d+\.\d{5}"),
    "recording_format": IsOneOf("mp3", "wav"),
    "recording_id": UUID,
    "recording_start_ms": IsStr(regex=r"\d+\.\d{5}"),
    "recording_storage_duration": ANYTHING,
    "recording_storage_rate": ANYTHING,
    "recording_type": TEXT,
    "recording_url": URL,
    "resource_uri": PATH,
    "rounded_recording_duration": COUNT,
    "to_number": TEXT,
}
MEMBER: Final = {
    "call_uuid": UUID,
    "caller_name": TEXT,
    "deaf": BOOL,
    "direction": IsOneOf("inbound", "outbound"),
    "from": TEXT,
    "join_time": DIGITS,
    "member_id": DIGITS,
    "muted": BOOL,
    "to": TEXT,
}
CONFERENCE: Final = {
    "api_id": UUID,
    "conference_member_count": DIGITS,
    "conference_name": TEXT,
    "conference_run_time": DIGITS,
    "members": [MEMBER],
}
STREAM: Final = {
    **dict.fromkeys(
        ("audio_track", "billed_amount", "content_type", "created_at", "status"), TEXT
    ),
    **dict.fromkeys(("end_time", "status_callback_url"), TEXT_OR_NULL),
    **dict.fromkeys(("bill_duration", "rounded_bill_duration"), COUNT),
    "bidirectional": BOOL,
    "call_uuid": UUID,
    "plivo_auth_id": TEXT,
    "resource_uri": PATH,
    "service_url": TEXT,
    "start_time": TEXT_OR_NULL,
    "stream_id": UUID,
}
FEEDBACK: Final = {"api_id": UUID, "message": TEXT}


def differences(got: Any, shape: Shape, sdk: str) -> list[str]:  # noqa: ANN401
    """What is not as documented.

    Node's classes show a part of the fields, under names in camel case.
    """
    if shape is None:
        nothing = got in (None, True, {}) if sdk == "node" else got is None
        return [] if nothing else [f"nothing was expected, but {got!r}"]
    return list(_differences(got, _as_in(sdk, shape), sdk, "answer"))


def _as_in(sdk: str, shape: Shape) -> Shape:
    if isinstance(shape, dict):
        return {
            camel(key) if sdk == "node" else key: _as_in(sdk, value)
            for key, value in shape.items()
        }
    if isinstance(shape, list):
        return [_as_in(sdk, item) for item in shape]
    return shape


def _differences(got: Any, shape: Shape, sdk: str, where: str) -> Iterator[str]:  # noqa: ANN401
    if isinstance(shape, dict) and isinstance(got, dict):
        given = got.keys() - OF_THE_SDK
        if sdk == "node":
            missing = set() if given & shape.keys() else set(shape)
        else:
            missing = shape.keys() - given
        yield from (f"{where}.{key} is missing" for key in sorted(missing))
        yield from (f"{where}.{key} is unknown" for key in sorted(given - shape.keys()))
        for key in sorted(given & shape.keys()):
            yield from _differences(got[key], shape[key], sdk, f"{where}.{key}")
    elif isinstance(shape, list) and isinstance(got, list):
        if not got:
            yield f"{where} is empty"
        for item in got:
            yield from _differences(item, shape[0], sdk, f"{where}[]")
    elif got != shape:
        yield f"{where} is {got!r}, not {re.sub(r'IsStr|regex=', '', repr(shape))}"
