"""An attempt of a request and what came of it, for those who watch."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from voiceplat.webhooks.request import Outgoing


@dataclass(frozen=True, slots=True)
class Exchange:
    request: Outgoing
    nonce: str
    began_at: datetime
    took: timedelta
    status: int | None = None
    """None when there was no answer."""
    content_type: str = ""
    body: bytes = field(default=b"", repr=False)
    """Of a document, or the beginning of what a failing server says."""
    trouble: str = ""
    """Why it failed, for people; empty when it did not."""
    failure: str = ""
    """The same in one word of a fixed few, to count by."""
    purpose: str = ""
    """What it was made for: `answer`, `action`, `hangup` …; as the sender says."""


Watcher = Callable[[Exchange], None]
"""Returns at once and raises nothing: the call waits for it."""


def nobody(_: Exchange) -> None:
    """Watches nothing."""
