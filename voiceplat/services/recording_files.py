"""The file of a recording's row, and how it goes."""

import structlog

from voiceplat.core.clock import utc_now
from voiceplat.core.errors import Unavailable
from voiceplat.db.engine import Database
from voiceplat.db.models import KeptRecording
from voiceplat.db.repositories import RecordingRepository
from voiceplat.recordings.store import KeptFile, Store

log = structlog.get_logger()


def file_of(row: KeptRecording) -> KeptFile:
    return KeptFile(
        account=row.account_id,
        id=row.id,
        format=row.format,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
    )


async def delete_recording(db: Database, store: Store, row: KeptRecording) -> None:
    """It is gone for everybody when this returns; its file, when the storage is there.

    Raises Unavailable when the database is away; then nothing happened.
    """
    async with db.transaction() as tx:
        await RecordingRepository(tx).hide([row.id], utc_now())
    try:
        await delete_file(db, store, row)
    except Unavailable as error:  # the sweeper comes back for it
        log.warning("file_not_deleted", recording=row.id, why=str(error))


async def delete_file(db: Database, store: Store, row: KeptRecording) -> None:
    """Of a recording that is hidden already. Raises Unavailable."""
    if not row.failure:
        await store.delete(file_of(row))
    async with db.transaction() as tx:
        await RecordingRepository(tx).file_deleted(row.id)
