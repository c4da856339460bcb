"""What a cause means, for people: what happened, and where to look."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Tone(StrEnum):
    GOOD = "good"
    """Nothing is wrong."""
    PLAIN = "plain"
    """The call did not come about, as calls do: busy, no answer, cancelled."""
    BAD = "bad"
    """Somebody must mend something."""


@dataclass(frozen=True, slots=True)
class Words:
    tone: Tone
    happened: str
    advice: str = ""
    """Where to look; empty when there is nothing to do."""


_GOOD, _PLAIN, _BAD = Tone.GOOD, Tone.PLAIN, Tone.BAD
_CARRIER: Final = "Ask the carrier, with the SIP messages of this call."
_DOCUMENT: Final = (
    "Open the answer in the timeline: it says what is wrong. `voiceplat lint` finds "
    "the same before a call does."
)
_UNREACHABLE: Final = (
    "See the failed request in the timeline: is the server up, does it answer in time "
    "and with 2xx?"
)
_URL: Final = "See the document that names it: it must be an http or https URL."
_METHOD: Final = "See the document that names it: it must be GET or POST."

WORDS: Final = {
    0: Words(_BAD, "Nobody knows why it ended."),
    1000: Words(_PLAIN, "It was cancelled before anybody answered."),
    1010: Words(
        _BAD,
        "The account is prepaid and has nothing left.",
        "`voiceplat account credit` gives it more.",
    ),
    1020: Words(_BAD, "Too many destinations were dialled at once."),
    2000: Words(
        _BAD,
        "The number called is none that could be dialled.",
        "Is it complete, with its country code?",
    ),
    2010: Words(_BAD, "The carrier could not reach the destination.", _CARRIER),
    2020: Words(
        _BAD,
        "The endpoint called had no phone registered.",
        "Is the phone on, and does it register? The overview shows those that do.",
    ),
    2030: Words(_BAD, "Calls to that country are barred."),
    2040: Words(_BAD, "Calls to that number are barred."),
    2050: Words(_BAD, "Calls to that prefix are barred."),
    2060: Words(_BAD, "The call came back to where it began."),
    2070: Words(_BAD, "Its audio would have gone past the platform."),
    3000: Words(_PLAIN, "Nobody answered."),
    3010: Words(_PLAIN, "The callee was busy."),
    3020: Words(_PLAIN, "The callee, or its carrier, refused the call."),
    3030: Words(
        _BAD,
        "The carrier does not know the caller's number.",
        "`from` must be a number that the carrier lets you show.",
    ),
    3040: Words(
        _BAD,
        "The carrier forbade the call.",
        "Does it know our address, and may you show that number?",
    ),
    3050: Words(_BAD, "There is no such number.", "Is it the right one, and complete?"),
    3070: Words(
        _BAD,
        "The far end did not answer our SIP in time.",
        "Is the carrier up? The overview shows how its trunk is.",
    ),
    3080: Words(_BAD, "The carrier had a fault.", _CARRIER),
    3090: Words(_BAD, "The carrier had no line free, or was down.", _CARRIER),
    3100: Words(_PLAIN, "The callee was busy on every phone."),
    3110: Words(_PLAIN, "The callee declined."),
    3120: Words(_BAD, "The callee does not exist anywhere."),
    3130: Words(_BAD, "The carrier took the call for spam.", _CARRIER),
    3140: Words(_BAD, "The caller's number must never call out.", _CARRIER),
    4000: Words(_GOOD, "Somebody hung up."),
    4010: Words(_GOOD, "The document came to its end."),
    4240: Words(_BAD, "The phone's password was wrong."),
    4250: Words(_PLAIN, "The phone did not prove who it is in time."),
    5000: Words(_BAD, "The network failed.", "See the last SIP messages."),
    5010: Words(
        _BAD,
        "A worker or a node of the platform died, or there is a fault in it.",
        "Look for `worker_died` and `call_failed` in the media log.",
    ),
    5020: Words(
        _BAD,
        "No trunk carries that number.",
        "`voiceplat trunk list` shows which prefixes the trunks carry.",
    ),
    5030: Words(_BAD, "More calls at once than may be."),
    6000: Words(_GOOD, "Its time limit was over."),
    6010: Words(_PLAIN, "Nobody answered before the ring timeout."),
    6020: Words(
        _BAD,
        "No audio came from the far end.",
        "NAT, a firewall, or `sip.advertised_host`.",
    ),
    7011: Words(_BAD, "The answer URL gave no usable answer.", _UNREACHABLE),
    7012: Words(_BAD, "An action URL gave no usable answer.", _UNREACHABLE),
    7013: Words(_BAD, "The transfer URL gave no usable answer.", _UNREACHABLE),
    7014: Words(_BAD, "The URL of a Redirect gave no usable answer.", _UNREACHABLE),
    7022: Words(_BAD, "An action URL is none.", _URL),
    7023: Words(_BAD, "The transfer URL is none.", _URL),
    7024: Words(_BAD, "The URL of a Redirect is none.", _URL),
    7032: Words(_BAD, "An action's method is none.", _METHOD),
    7033: Words(_BAD, "The transfer's method is none.", _METHOD),
    7034: Words(_BAD, "The method of a Redirect is none.", _METHOD),
    8011: Words(_BAD, "The answer URL gave no valid document.", _DOCUMENT),
    8012: Words(_BAD, "An action URL gave no valid document.", _DOCUMENT),
    8013: Words(_BAD, "The transfer URL gave no valid document.", _DOCUMENT),
    8014: Words(_BAD, "A Redirect led to no valid document.", _DOCUMENT),
    9000: Words(_PLAIN, "Another callee answered first."),
    9100: Words(_PLAIN, "A machine answered."),
    9110: Words(_PLAIN, "The callee did not press the key that confirms."),
}
UNKNOWN: Final = WORDS[0]


def words_of(code: int) -> Words:
    return WORDS.get(code, UNKNOWN)
