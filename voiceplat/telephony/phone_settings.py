"""What a phone is told when it opens: its sockets, its proxy, its codecs.

Knows nothing of pjsua2: the end that drives a phone in another process reads it too.
"""

from dataclasses import dataclass
from typing import Literal

from voiceplat.core.errors import CallError


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """The account of a softphone; a call worker has none, the edge knows it."""

    user: str
    password: str
    domain: str
    expires_s: int = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSettings:
    host: str = "127.0.0.1"
    """The address on which SIP and RTP are bound."""
    sip_port: int = 0
    """0 takes any free one; `PjPhone.address` tells which."""
    proxy: str = ""
    """`HOST:PORT` through which every request goes (the edge's private socket)."""
    domain: str = ""
    """Host part of our From; `host` when empty."""
    transport: Literal["udp", "tcp"] = "udp"
    rtp_port_min: int = 10000
    rtp_ports: int = 40
    clock_rate_hz: int = 8000
    """Rate of the bridge: what recordings have, and what audio is mixed at."""
    codecs: tuple[str, ...] = ("PCMU", "PCMA", "G722")
    """In the order in which they are offered; nothing else is."""
    max_legs: int = 4
    """A wish; a build of the library that allows fewer refuses the rest."""
    user: str = "voiceplat"
    """User part of our Contact."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    registration: Registration | None = None


class RegistrationRefused(CallError):
    def __init__(self, sip_status: int, reason: str) -> None:
        super().__init__(f"registration refused: {sip_status} {reason}")
        self.sip_status = sip_status
        self.reason = reason
