"""Why a call ended: one table of causes, and how SIP answers map onto it.

Source: plivo-rest 9.1 to 9.3. `name` is the cloud's words (HangupCauseName),
`text` the FreeSWITCH word (HangupCause), `status` the CallStatus of a call that was
never answered; a call that was answered is always `completed`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from voiceplat.calls.status import CallStatus


class HangupSource(StrEnum):
    CALLER = "Caller"
    CALLEE = "Callee"
    PLIVO = "Plivo"
    CARRIER = "Carrier"
    API = "API Request"
    ANSWER_XML = "Answer XML"
    ERROR = "Error"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class HangupCause:
    code: int
    name: str
    text: str
    status: CallStatus
    source: HangupSource
    sip_status: int
    """What we answer an unanswered inbound call with when we end it for this cause."""


def _table(*causes: HangupCause) -> dict[int, HangupCause]:
    return {cause.code: cause for cause in causes}


_FAILED, _CANCEL = CallStatus.FAILED, CallStatus.CANCEL
_NONE, _BUSY, _TIMEOUT = CallStatus.NO_ANSWER, CallStatus.BUSY, CallStatus.TIMEOUT
_CARRIER, _PLIVO, _ERROR = HangupSource.CARRIER, HangupSource.PLIVO, HangupSource.ERROR
_CALLEE, _API = HangupSource.CALLEE, HangupSource.API

CAUSES: Final = _table(
    HangupCause(0, "Unknown", "UNSPECIFIED", _FAILED, HangupSource.UNKNOWN, 500),
    HangupCause(1000, "Canceled", "ORIGINATOR_CANCEL", _CANCEL, _API, 487),
    HangupCause(
        1010, "Canceled (Out Of Credits)", "CALL_REJECTED", _FAILED, _PLIVO, 403
    ),
    HangupCause(
        1020,
        "Canceled (Simultaneous dial limit reached)",
        "CALL_REJECTED",
        _FAILED,
        _PLIVO,
        486,
    ),
    HangupCause(
        2000,
        "Invalid Destination Address",
        "UNALLOCATED_NUMBER",
        _FAILED,
        _ERROR,
        404,
    ),
    HangupCause(
        2010,
        "Destination Out Of Service",
        "DESTINATION_OUT_OF_ORDER",
        _FAILED,
        _CARRIER,
        502,
    ),
    HangupCause(
        2020,
        "Endpoint Not Registered",
        "SUBSCRIBER_ABSENT",
        _FAILED,
        _PLIVO,
        480,
    ),
    HangupCause(
        2030, "Destination Country Barred", "CALL_REJECTED", _FAILED, _PLIVO, 403
    ),
    HangupCause(
        2040, "Destination Number Barred", "CALL_REJECTED", _FAILED, _PLIVO, 403
    ),
    HangupCause(
        2050, "Destination Prefix Barred", "CALL_REJECTED", _FAILED, _PLIVO, 403
    ),
    HangupCause(2060, "Loop Detected", "EXCHANGE_ROUTING_ERROR", _FAILED, _PLIVO, 482),
    HangupCause(
        2070, "Violates Media Anchoring", "CALL_REJECTED", _FAILED, _PLIVO, 488
    ),
    HangupCause(3000, "No Answer", "NO_ANSWER", _NONE, _CALLEE, 480),
    HangupCause(3010, "Busy Line", "USER_BUSY", _BUSY, _CALLEE, 486),
    HangupCause(3020, "Rejected", "CALL_REJECTED", _BUSY, _CALLEE, 603),
    HangupCause(3030, "Unknown Caller ID", "CALL_REJECTED", _FAILED, _CARRIER, 403),
    HangupCause(3040, "Forbidden", "CALL_REJECTED", _FAILED, _CARRIER, 403),
    HangupCause(
        3050, "Unallocated number", "UNALLOCATED_NUMBER", _FAILED, _CARRIER, 404
    ),
    HangupCause(
        3070, "Request timeout", "RECOVERY_ON_TIMER_EXPIRE", _FAILED, _CARRIER, 408
    ),
    HangupCause(
        3080,
        "Internal server error from carrier",
        "NORMAL_TEMPORARY_FAILURE",
        _FAILED,
        _CARRIER,
        500,
    ),
    HangupCause(
        3090,
        "Network congestion from carrier",
        "SWITCH_CONGESTION",
        _FAILED,
        _CARRIER,
        503,
    ),
    HangupCause(3100, "Busy everywhere", "USER_BUSY", _BUSY, _CARRIER, 600),
    HangupCause(3110, "Declined", "CALL_REJECTED", _BUSY, _CALLEE, 603),
    HangupCause(
        3120,
        "User does not exist anywhere",
        "UNALLOCATED_NUMBER",
        _FAILED,
        _CARRIER,
        604,
    ),
    HangupCause(3130, "Spam block", "CALL_REJECTED", _FAILED, _CARRIER, 607),
    HangupCause(3140, "DNO Caller ID", "CALL_REJECTED", _FAILED, _CARRIER, 608),
    HangupCause(
        4000, "Normal Hangup", "NORMAL_CLEARING", CallStatus.COMPLETED, _CALLEE, 603
    ),
    HangupCause(
        4010,
        "End Of XML Instructions",
        "NORMAL_CLEARING",
        CallStatus.COMPLETED,
        _PLIVO,
        480,
    ),
    HangupCause(4240, "SIP Auth Failed", "sip_auth_failed", _FAILED, _PLIVO, 403),
    HangupCause(4250, "SIP Auth Timeout", "sip_auth_timeout", _TIMEOUT, _PLIVO, 408),
    HangupCause(5000, "Network Error", "NETWORK_OUT_OF_ORDER", _FAILED, _ERROR, 503),
    HangupCause(
        5010, "Internal Error", "NORMAL_TEMPORARY_FAILURE", _FAILED, _ERROR, 500
    ),
    HangupCause(5020, "Routing Error", "NO_ROUTE_DESTINATION", _FAILED, _ERROR, 404),
    HangupCause(
        5030, "Concurrency Limit Breached", "CALL_REJECTED", _FAILED, _PLIVO, 486
    ),
    HangupCause(6000, "Scheduled Hangup", "ALLOTTED_TIMEOUT", _FAILED, _PLIVO, 480),
    HangupCause(6010, "Ring Timeout Reached", "NO_ANSWER", _TIMEOUT, _PLIVO, 480),
    HangupCause(6020, "Media Timeout", "MEDIA_TIMEOUT", _FAILED, _PLIVO, 480),
    HangupCause(
        7011, "Error Reaching Answer URL", "NORMAL_CLEARING", _FAILED, _ERROR, 480
    ),
    HangupCause(
        7012, "Error Reaching Action URL", "NORMAL_CLEARING", _FAILED, _ERROR, 480
    ),
    HangupCause(
        7013, "Error Reaching Transfer URL", "NORMAL_CLEARING", _FAILED, _ERROR, 480
    ),
    HangupCause(
        7014, "Error Reaching Redirect URL", "NORMAL_CLEARING", _FAILED, _ERROR, 480
    ),
    HangupCause(7022, "Invalid Action URL", "NORMAL_CLEARING", _FAILED, _ERROR, 480),
    HangupCause(7023, "Invalid Transfer URL", "NORMAL_CLEARING", _FAILED, _ERROR, 480),
    HangupCause(7024, "Invalid Redirect URL", "NORMAL_CLEARING", _FAILED, _ERROR, 480),
    HangupCause(
        7032, "Invalid Method For Action URL", "NORMAL_CLEARING", _FAILED, _ERROR, 480
    ),
    HangupCause(
        7033, "Invalid Method For Transfer URL", "NORMAL_CLEARING", _FAILED, _ERROR, 480
    ),
    HangupCause(
        7034, "Invalid Method For Redirect URL", "NORMAL_CLEARING", _FAILED, _ERROR, 480
    ),
    HangupCause(8011, "Invalid Answer XML", "NORMAL_CLEARING", _FAILED, _ERROR, 480),
    HangupCause(8012, "Invalid Action XML", "NORMAL_CLEARING", _FAILED, _ERROR, 480),
    HangupCause(8013, "Invalid Transfer XML", "NORMAL_CLEARING", _FAILED, _ERROR, 480),
    HangupCause(8014, "Invalid Redirect XML", "NORMAL_CLEARING", _FAILED, _ERROR, 480),
    HangupCause(9000, "Lost Race", "LOSE_RACE", _CANCEL, _PLIVO, 487),
    HangupCause(9100, "Machine Detected", "NORMAL_CLEARING", _FAILED, _PLIVO, 480),
    HangupCause(
        9110, "Confirm Key Challenge Failed", "CALL_REJECTED", _FAILED, _CALLEE, 480
    ),
)

SERVER_ERROR: Final = 500
_FROM_SIP: Final = {
    401: 3040,
    403: 3040,
    404: 3050,
    407: 3040,
    408: 3070,
    410: 3050,
    480: 3000,
    484: 2000,
    486: 3010,
    487: 1000,
    500: 3080,
    502: 2010,
    503: 3090,
    504: 3070,
    600: 3100,
    603: 3110,
    604: 3120,
    607: 3130,
    608: 3140,
}


def cause_of_sip(status: int, *, told_by_edge: int | None = None) -> HangupCause:
    """The cause of an outbound leg that was refused with SIP `status`.

    `told_by_edge` is the code in `X-VP-Cause` when our own edge refused (an endpoint
    that is not registered, a number without a trunk); it knows better than the status.
    """
    if told_by_edge in CAUSES:
        return CAUSES[told_by_edge]
    if status in _FROM_SIP:
        return CAUSES[_FROM_SIP[status]]
    return CAUSES[3080 if status >= SERVER_ERROR else 3020]
