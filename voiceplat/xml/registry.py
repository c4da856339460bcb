"""The elements of a document: those that run here, and those that Plivo has besides."""

from typing import Final

from voiceplat.xml.element import Element, Part
from voiceplat.xml.elements.conference import Conference
from voiceplat.xml.elements.dial import Dial, Number, User
from voiceplat.xml.elements.dtmf import DTMF
from voiceplat.xml.elements.getdigits import GetDigits
from voiceplat.xml.elements.getinput import GetInput
from voiceplat.xml.elements.hangup import Hangup
from voiceplat.xml.elements.play import Play
from voiceplat.xml.elements.preanswer import PreAnswer
from voiceplat.xml.elements.record import Record
from voiceplat.xml.elements.redirect import Redirect
from voiceplat.xml.elements.speak import Speak
from voiceplat.xml.elements.wait import Wait

_RUNNING: Final[tuple[type[Element], ...]] = (
    Conference,
    DTMF,
    Dial,
    GetDigits,
    GetInput,
    Hangup,
    Play,
    PreAnswer,
    Record,
    Redirect,
    Speak,
    Wait,
)

_INSIDE: Final[tuple[type[Part], ...]] = (Number, User)
"""They stand in another element alone, which knows what to do with them."""

ELEMENTS: Final[dict[str, type[Part]]] = {
    element.tag(): element for element in (*_RUNNING, *_INSIDE)
}

_TOP_LEVEL: Final = frozenset(
    {
        *("Conference", "DTMF", "Dial", "GetDigits", "GetInput", "Hangup", "Message"),
        *("MultiPartyCall", "Play", "PreAnswer", "Record", "Redirect", "Speak"),
        *("Stream", "Wait"),
    }
)
ROOT: Final = "Response"
ROOT_HOLDS: Final = _TOP_LEVEL

KNOWN: Final = _TOP_LEVEL | {ROOT, "Number", "User"}
"""Every element of Plivo's XML."""

NOT_YET: Final = KNOWN - {ROOT} - set(ELEMENTS)
"""Elements that this server does not have: a document that uses one is refused."""
