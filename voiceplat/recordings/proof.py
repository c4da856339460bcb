"""Whether a store can keep anything: something is put, read back and deleted."""

import hashlib
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Final

from voiceplat.calls.recording import Recording, RecordingOrder
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AuthId, new_call_uuid, new_recording_id
from voiceplat.recordings.store import KeptFile, Store

_SOUND: Final = b"this is a test"


async def prove(store: Store) -> None:
    """Raises Unavailable, and says what is wrong."""
    recording = Recording(
        order=RecordingOrder(
            id=new_recording_id(),
            account=AuthId("doctor"),
            call_uuid=new_call_uuid(),
            from_="",
            to="",
        ),
        started_at=utc_now(),
        duration=timedelta(0),
        size_bytes=len(_SOUND),
        sha256=hashlib.sha256(_SOUND).hexdigest(),
    )
    with tempfile.NamedTemporaryFile() as file:
        file.write(_SOUND)
        file.flush()
        await store.put(recording, Path(file.name))
    await store.delete(KeptFile.of(recording))
