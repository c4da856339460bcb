"""Further legs of a call: whom a Dial calls, and what it may do with them.

A B leg is a call of its own: it has a call_uuid, is shown as live, can be hung up by
the API and leaves a record, whose parent is the A leg's.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from voiceplat.calls.hangup import HangupCause
from voiceplat.calls.leg import Credentials, Leg
from voiceplat.calls.outcome import End
from voiceplat.calls.rate import Rate
from voiceplat.core.errors import CallError
from voiceplat.core.ids import CallUuid

if TYPE_CHECKING:
    from voiceplat.calls.session import CallSession

OwnWay = Callable[["CallSession"], Awaitable[End]]
"""What a leg does that has a session of its own; how it ends then."""


@dataclass(frozen=True, slots=True)
class Target:
    """Whom to call, and what it is shown."""

    to: str
    """Digits, or a SIP URI."""
    caller_id: str
    caller_name: str = ""
    sip_headers: Mapping[str, str] = field(default_factory=dict)
    """Custom headers without their prefix, allowed names only."""
    credentials: Credentials | None = None


@dataclass(frozen=True, slots=True)
class BLegEnd:
    """What became of a B leg."""

    end: End
    duration_s: int
    """Seconds talked, rounded up."""


class NotDialled(CallError):
    """There is no such leg: no route, no room, a part is away."""

    def __init__(self, cause: HangupCause, why: str) -> None:
        super().__init__(why)
        self.cause = cause


class BLeg(Protocol):
    @property
    def uuid(self) -> CallUuid: ...

    @property
    def leg(self) -> Leg: ...

    @property
    def dialler(self) -> "Dialler":
        """Calls those whom this leg is to talk with: they are its own B legs."""
        ...

    @property
    def rate(self) -> Rate:
        """What a minute of it costs."""
        ...

    def rings(self) -> None:
        """Its far end rings."""
        ...

    def was_answered(self) -> None: ...

    def own_end(self) -> End:
        """How a leg that has ended came to its end, if nobody here ended it."""
        ...

    async def until_commanded(self) -> End:
        """The API ends this leg, and not the A leg."""
        ...

    def end(self, end: End) -> Awaitable[BLegEnd]:
        """Hang it up and write its one terminal event, whoever waits or not.

        The first end counts; a further one is told of it.
        """
        ...

    def go(self, way: OwnWay, end: End) -> bool:
        """It goes on without the A leg, for which that is its `end`.

        Whether it does: one that has an end already, or has gone, does not.
        """
        ...


class Dialler(Protocol):
    async def dial(self, target: Target) -> BLeg:
        """Send the INVITE of a leg that belongs to this call. Raises NotDialled."""
        ...
