"""Asks for the words of a recording, at the API's request."""

from voiceplat.calls.recording import TranscriptionOrder
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import Conflict
from voiceplat.db.engine import Database
from voiceplat.db.models import KeptRecording, TranscriptionState
from voiceplat.db.repositories import TranscriptionRepository


async def ask_for_words(
    db: Database, row: KeptRecording, order: TranscriptionOrder | None
) -> None:
    """Without an order nobody is told. Raises Conflict while others are waited for."""
    async with db.transaction() as tx:
        transcriptions = TranscriptionRepository(tx)
        there = await transcriptions.get(row.id)
        if there and there.state == TranscriptionState.PENDING:
            raise Conflict("transcription in progress")
        if there:
            await transcriptions.delete(row.id)
        await transcriptions.add_once(
            row.id, row.account_id, row.call_uuid, order, utc_now()
        )
