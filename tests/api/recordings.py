"""Recordings on record, with their files in the store of a running API."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.api.conftest import Server
from tests.recordings.kept import a_file, a_recording
from voiceplat.calls.recording import Recording
from voiceplat.core.clock import utc_now
from voiceplat.db.repositories import RecordingRepository


async def keep(
    server: Server,
    folder: Path,
    content: bytes = b"",
    *,
    at: datetime | None = None,
    **known: Any,  # noqa: ANN401 - of a_recording
) -> Recording:
    """Without content it is on record only."""
    usual: dict[str, Any] = {"account": server.main.auth_id}
    recording = a_recording(content, **usual | known)
    if content:
        file = a_file(folder, content)
        await server.platform.store.put(recording, file)
    added_at = at or utc_now() - timedelta(hours=1)
    async with server.db.transaction() as tx:
        main = server.main.auth_id
        if recording.order.account == server.stranger.auth_id:
            main = server.stranger.auth_id
        await RecordingRepository(tx).add_once(recording, main, added_at)
    return recording
