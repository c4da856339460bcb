"""Between whom a moment of a timeline happened: the lanes of the ladder."""

from enum import StrEnum
from typing import Final

from voiceplat.calls.timeline import KeyPress, Moment, SipMessage, WebRequest
from voiceplat.core.sip_settings import SipSettings

_ANY: Final = {"0.0.0.0", "::"}  # noqa: S104 - what an operator may have set


class Lane(StrEnum):
    FAR = "far"
    """The phone or carrier of the A leg."""
    OTHER = "other"
    """Those of the legs that belong to it."""
    EDGE = "edge"
    WORKER = "worker"
    SERVER = "server"
    """The customer's."""


def lanes_of(moment: Moment, leg: int, sip: SipSettings) -> tuple[Lane, Lane]:
    """From where to where; `leg` is 0 for the A leg."""
    far = Lane.OTHER if leg else Lane.FAR
    match moment:
        case SipMessage():
            outer = far if moment.outside else Lane.WORKER
            if _sent_by_edge(moment, sip):
                return Lane.EDGE, outer
            return outer, Lane.EDGE
        case WebRequest():
            return Lane.WORKER, Lane.SERVER
        case KeyPress(whose="caller"):
            return far, Lane.WORKER
        case KeyPress():
            return Lane.WORKER, far
        case _:
            return Lane.WORKER, Lane.WORKER


def _sent_by_edge(message: SipMessage, sip: SipSettings) -> bool:
    """By the addresses on which it listens."""
    host, _, port = message.source.rpartition(":")
    listens = (
        {
            (sip.host, sip.port),
            (sip.host, sip.tls_port),
            (sip.host, sip.wss_port),
            (sip.ws_host, sip.ws_port),
            (sip.advertised_host, sip.port),
            (sip.advertised_host, sip.tls_port),
            (sip.advertised_host, sip.wss_port),
        }
        if message.outside
        else {(sip.private_host, sip.private_port)}
    )
    own = host.strip("[]")
    return any(
        port == str(number) and (own == known or known in _ANY)
        for known, number in listens
    )
