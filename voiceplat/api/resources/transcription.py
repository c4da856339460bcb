"""Transcriptions: `/v1/Account/{auth_id}/Transcription/{recording_id}/` (3.4)."""

from typing import Annotated, Literal

from fastapi import APIRouter

from voiceplat.api.auth import CurrentCaller
from voiceplat.api.platform import Here
from voiceplat.api.resources.recording.routes import find_recording
from voiceplat.api.route import VoiceRoute
from voiceplat.api.wire.params import (
    Method,
    Params,
    Query,
    Text,
    Url,
    body_of,
    query_of,
    reads,
)
from voiceplat.api.wire.replies import Reply
from voiceplat.calls.call import Hook
from voiceplat.calls.recording import TranscriptionOrder
from voiceplat.core.clock import epoch_ms
from voiceplat.core.errors import NotFound
from voiceplat.db.repositories import TranscriptionRepository
from voiceplat.services.transcribe import ask_for_words


class TranscriptionRequest(Params):
    transcription_callback_url: Url = ""
    transcription_callback_method: Method = "POST"
    transcription_report_type: Literal["full", "compact"] = "compact"


class TranscriptionQuery(Query):
    type: Text | None = None
    """`full` or `compact`; else the one that was asked for when it was made."""


class Requested(Reply):
    message: str = "transcription in progress"


class Deleted(Reply):
    message: str = "request accepted"


class TranscriptionDetails(Reply):
    """Nothing is billed here, so the money fields are always the same."""

    cost: float = 0.0
    rate: float = 0.0
    recording_duration_ms: int
    recording_start_ms: int
    status: str
    transcription: str
    error: str


router = APIRouter(
    prefix="/Transcription", route_class=VoiceRoute, tags=["Transcription"]
)


@router.post(
    "/{recording_id}/", status_code=201, openapi_extra=body_of(TranscriptionRequest)
)
async def create(
    caller: CurrentCaller,
    recording_id: str,
    request: Annotated[TranscriptionRequest, reads(TranscriptionRequest)],
    here: Here,
) -> Requested:
    """Made again when there is one already. Raises Conflict while one is made."""
    row = await find_recording(recording_id, caller, here)
    order = None
    if url := request.transcription_callback_url:
        order = TranscriptionOrder(
            hook=Hook(url=url, method=request.transcription_callback_method),
            report=request.transcription_report_type,
        )
    await ask_for_words(here.db, row, order)
    return Requested()


@router.get("/{recording_id}/", openapi_extra=query_of(TranscriptionQuery))
async def get(
    caller: CurrentCaller,
    recording_id: str,
    query: Annotated[TranscriptionQuery, reads(TranscriptionQuery)],
    here: Here,
) -> TranscriptionDetails:
    row = await find_recording(recording_id, caller, here)
    async with here.db.reading() as tx:
        found = await TranscriptionRepository(tx).get(row.id)
    if found is None:
        raise NotFound("not found")
    report = query.type if query.type in {"full", "compact"} else found.report
    return TranscriptionDetails(
        recording_duration_ms=row.duration_ms,
        recording_start_ms=epoch_ms(row.started_at),
        status=found.state,
        transcription=found.full if report == "full" else found.text,
        error=found.error,
    )


@router.delete("/{recording_id}/", status_code=202)
async def delete(caller: CurrentCaller, recording_id: str, here: Here) -> Deleted:
    """The words are forgotten; nobody is told of one that is being made."""
    row = await find_recording(recording_id, caller, here)
    async with here.db.transaction() as tx:
        if not await TranscriptionRepository(tx).delete(row.id):
            raise NotFound("not found")
    return Deleted()
