"""Recordings for tests, and the files that they are of."""

import hashlib
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from voiceplat.calls.recording import Recording, RecordingOrder
from voiceplat.core.ids import AuthId, new_call_uuid, new_recording_id

MAIN = AuthId("MA" + "A" * 18)
STARTED = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def an_order(**known: Any) -> RecordingOrder:  # noqa: ANN401 - its fields
    usual: dict[str, Any] = {
        "id": new_recording_id(),
        "account": MAIN,
        "call_uuid": new_call_uuid(),
        "from_": "14155550100",
        "to": "14155550199",
    }
    return RecordingOrder(**usual | known)


def a_recording(
    content: bytes = b"",
    *,
    started_at: datetime = STARTED,
    duration_s: float = 4.25,
    failure: str = "",
    **order: Any,  # noqa: ANN401 - fields of RecordingOrder
) -> Recording:
    return Recording(
        order=an_order(**order),
        started_at=started_at,
        duration=timedelta(seconds=duration_s),
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest() if content else "",
        failure=failure,
    )


def some_bytes(size: int) -> bytes:
    """Different everywhere, the same each time."""
    return random.Random(size).randbytes(size)  # noqa: S311 - not for secrets


def a_file(folder: Path, content: bytes) -> Path:
    path = folder / "taken.mp3"
    path.write_bytes(content)
    return path
