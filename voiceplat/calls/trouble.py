"""What went wrong a moment ago, in words for people: shown for an hour, then forgotten.

A trouble is an aid, like a timeline: it may be lost, and nothing waits for it.
"""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict
from typing_extensions import override

from voiceplat.core.ids import AuthId, CallUuid


class TroubleKind(StrEnum):
    REQUEST = "request"
    """A request to the customer's server failed for good."""
    DOCUMENT = "document"
    """The answer was no document, or an invalid one."""
    CALL = "call"
    """A call failed, by its hangup cause."""
    TRUNK = "trunk"
    """A carrier is down, or is back."""
    WORKER = "worker"
    """A call worker or a media node died."""


PLATFORM = AuthId("")
"""Stands for the account of troubles that are the operator's own."""


class Trouble(BaseModel):
    model_config = ConfigDict(frozen=True)

    at: datetime
    account: AuthId
    """Whose call it was; PLATFORM when it is nobody's."""
    kind: TroubleKind
    call_uuid: CallUuid | None = None
    text: str
    """For people; without digits, speech, tokens or query strings."""


class Troubles(Protocol):
    """Where troubles are told; returns at once, never raises."""

    def trouble(self, trouble: Trouble, main: AuthId | None = None) -> None:
        """Show it to its account, and to the main account `main`."""


class NoTroubles(Troubles):
    """For those whose troubles nobody asks for."""

    @override
    def trouble(self, trouble: Trouble, main: AuthId | None = None) -> None:
        """Forget it."""
