"""Every wire name of a callback, once (plivo-rest 8.2 to 8.7).

Builders return plain string fields, ready to be form-encoded; a field without a value
is left out unless the contract says that it is sent empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from voiceplat.calls.call import Call, EndedCall
from voiceplat.calls.hangup import CAUSES, HangupCause
from voiceplat.calls.rate import FREE, Rate
from voiceplat.calls.status import UNANSWERED, CallStatus, Direction
from voiceplat.core.clock import local_text, session_text
from voiceplat.core.money import money_text

BILLED_AMOUNT: Final = "0.00000"
STIR: Final = "Not Applicable"
NOTICE: Final = "notice"
"""Of requests whose fields do not say what they are for."""
_PURPOSES: Final = {
    "Ring": "ring",
    "Hangup": "hangup",
    "Record": "recording",
    "ConferenceRecord": "recording",
}
PRESSED: Final = frozenset({"Digits", "DialDigitsMatch", "ConferenceDigitsMatch"})
"""Fields that tell what somebody pressed."""
SAID: Final = frozenset({"Speech", "StableSpeech", "UnstableSpeech"})
"""Fields that tell what somebody said."""


def standard(call: Call, status: CallStatus) -> dict[str, str]:
    """The fields of every request about a call (8.2)."""
    fields = {
        "CallUUID": call.uuid,
        "From": call.from_,
        "To": call.to,
        "CallStatus": status.value,
        "Direction": call.direction.value,
        "SessionStart": session_text(call.initiated_at),
        "ParentAuthID": call.main_account,
        "BillRate": call.rate.text,
        "STIRVerification": STIR,
        "STIRAttestation": "",
    }
    if call.direction is Direction.OUTBOUND:
        fields |= {
            "RequestUUID": call.uuid,
            "ALegUUID": call.uuid,
            "ALegRequestUUID": call.uuid,
        }
    optional = {
        "CallerName": call.caller_name,
        "ForwardedFrom": call.forwarded_from,
        "SIP-H-To": call.sip_to_header,
        **{f"X-PH-{name}": value for name, value in call.sip_headers.items()},
    }
    return fields | {name: value for name, value in optional.items() if value}


def start_app(call: Call, status: CallStatus) -> dict[str, str]:
    """answer_url and fallback_url (8.3)."""
    return standard(call, status) | {"Event": "StartApp"}


def redirect(call: Call, status: CallStatus, own: Mapping[str, str]) -> dict[str, str]:
    """Redirect, action and transfer URLs, with the element's own fields."""
    return standard(call, status) | {"Event": "Redirect"} | dict(own)


def purpose(fields: Mapping[str, str]) -> str:
    """What a request that only tells is for, one word of a fixed few."""
    return _PURPOSES.get(fields.get("Event", ""), NOTICE)


def digits(entered: str) -> dict[str, str]:
    """GetDigits' own fields of its action (8.7)."""
    return {"Digits": entered}


def input_digits(entered: str) -> dict[str, str]:
    """GetInput's own fields of its action, by keys (8.7)."""
    return _input("dtmf") | digits(entered)


def input_speech(text: str, confidence: float) -> dict[str, str]:
    """GetInput's own fields of its action, by speech (8.7)."""
    return _input("speech") | {
        "Speech": text,
        "SpeechConfidenceScore": f"{confidence:.2f}",
    }


def _input(kind: str) -> dict[str, str]:
    return {
        "InputType": kind,
        "Digits": "",
        "Speech": "",
        "SpeechConfidenceScore": "0.00",
        "BilledAmount": BILLED_AMOUNT,
    }


def interim_speech(
    stable: str, unstable: str, stability: float, number: int
) -> dict[str, str]:
    """InterimSpeechResultsCallback's own fields (8.7)."""
    return {
        "StableSpeech": stable,
        "UnstableSpeech": unstable,
        "Stability": f"{stability:.2f}",
        "SequenceNumber": str(number),
    }


def dial_action(
    *, status: str, cause: str, rang: bool, a_leg: str, b_leg: str
) -> dict[str, str]:
    """Dial's own fields of its action (8.4); `b_leg` is empty when nobody came."""
    return {
        "DialStatus": status,
        "DialRingStatus": "true" if rang else "false",
        "DialHangupCause": cause,
        "DialALegUUID": a_leg,
        "DialBLegUUID": b_leg,
    }


@dataclass(frozen=True, slots=True)
class DialledLeg:
    """A B leg, as Dial's callbacks name it."""

    a_leg: str
    b_leg: str
    from_: str
    to: str
    position: int
    """Among the callees, from 1."""
    rate: Rate = FREE

    def fields(self, event: str, action: str) -> dict[str, str]:
        return {
            "Event": event,
            "DialAction": action,
            "DialALegUUID": self.a_leg,
            "DialBLegUUID": self.b_leg,
            "DialBLegFrom": self.from_,
            "DialBLegTo": self.to,
            "DialBLegPosition": str(self.position),
            "DialBLegBillRate": self.rate.text,
        }


def dial_answer(leg: DialledLeg) -> dict[str, str]:
    """Dial's callbackUrl (8.4): a B leg was answered."""
    return leg.fields("DialAnswer", "answer") | {"DialBLegStatus": "answer"}


def dial_connected(leg: DialledLeg) -> dict[str, str]:
    """Dial's callbackUrl (8.4): the two parties hear each other."""
    return leg.fields("DialConnected", "connected") | {"DialBLegStatus": "connected"}


def dial_digits(leg: DialledLeg, pattern: str, *, by_a: bool) -> dict[str, str]:
    """Dial's callbackUrl (8.4): one of the parties pressed what is watched for."""
    return leg.fields("DialDigitsMatch", "digits") | {
        "DialDigitsMatch": pattern,
        "DialDigitsPressedBy": "ALeg" if by_a else "BLeg",
    }


def dial_hangup(
    leg: DialledLeg, cause: HangupCause, source: str, duration_s: int
) -> dict[str, str]:
    """Dial's callbackUrl (8.4): an answered B leg is over."""
    seconds = str(duration_s)
    return leg.fields("DialHangup", "hangup") | {
        "DialBLegStatus": "hangup",
        "DialBLegDuration": seconds,
        "DialBLegBillDuration": seconds,
        "DialBLegTotalCost": money_text(leg.rate.cost(duration_s)),
        "DialBLegHangupCause": cause.text,
        "DialBLegHangupCauseName": cause.name,
        "DialBLegHangupCauseCode": str(cause.code),
        "DialBLegHangupSource": source,
        "DialBLegSTIRVerification": STIR,
        "DialBLegSTIRAttestation": "",
    }


def ring(call: Call) -> dict[str, str]:
    """ring_url (8.3)."""
    return standard(call, CallStatus.RINGING) | {"Event": "Ring"}


def hangup(ended: EndedCall, zone: tzinfo) -> dict[str, str]:
    """hangup_url (8.3): once per call, never-answered ones included."""
    cause = CAUSES[ended.end.cause_code]
    seconds = str(ended.duration_s)
    return standard(ended.call, final_status(ended)) | {
        "Event": "Hangup",
        "HangupCause": cause.text,
        "HangupCauseName": cause.name,
        "HangupCauseCode": str(cause.code),
        "HangupSource": ended.end.source,
        "Duration": seconds,
        "BillDuration": seconds,
        "TotalCost": money_text(ended.cost),
        "StartTime": local_text(ended.call.initiated_at, zone),
        "AnswerTime": local_text(ended.answered_at, zone),
        "EndTime": local_text(ended.end.at, zone),
    }


def final_status(ended: EndedCall) -> CallStatus:
    """The CallStatus of a call that is over (9.1)."""
    if ended.answered_at is not None:
        return CallStatus.COMPLETED
    status = CAUSES[ended.end.cause_code].status
    if ended.call.direction is Direction.INBOUND:
        return CallStatus.COMPLETED if status not in UNANSWERED else status
    return status if status in UNANSWERED else CallStatus.NO_ANSWER
