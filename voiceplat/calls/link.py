"""What two processes that share a leg must know of each other."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinkEnd:
    """Where one end of a link is, and how its packets are known."""

    host: str
    port: int
    ssrc: int
