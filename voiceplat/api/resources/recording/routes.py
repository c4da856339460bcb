"""The resource `Recording` (plivo-rest 6)."""

from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import APIRouter
from starlette.requests import Request

from voiceplat.api.auth import Caller, CurrentCaller
from voiceplat.api.platform import Here
from voiceplat.api.resources.recording.query import RecordingQuery
from voiceplat.api.route import VoiceRoute
from voiceplat.api.wire.paging import meta
from voiceplat.api.wire.params import query_of, reads
from voiceplat.api.wire.replies import NO_CONTENT, Listed, Reply, Shown
from voiceplat.core.clock import epoch_ms, utc_now
from voiceplat.core.errors import NotFound
from voiceplat.core.settings import Settings
from voiceplat.db.models import KeptRecording
from voiceplat.db.repositories import RecordingRepository
from voiceplat.db.repositories.page import Page
from voiceplat.recordings.links import file_url
from voiceplat.services.recording_files import delete_recording

_ROUNDED_TO_MS: Final = 60_000


class RecordingObject(Shown):
    """Nothing is billed here, so the money fields are always the same."""

    add_time: str
    call_uuid: str
    conference_name: str
    conference_uuid: str
    from_number: str
    monthly_recording_storage_amount: float = 0.0
    mpc_name: str | None = None
    mpc_uuid: str | None = None
    recording_duration_ms: str
    recording_end_ms: str
    recording_format: str
    recording_id: str
    recording_start_ms: str
    recording_storage_duration: int
    recording_storage_rate: float = 0.0
    recording_type: str
    recording_url: str
    resource_uri: str
    rounded_recording_duration: int
    to_number: str


class RecordingDetails(RecordingObject, Reply):
    pass


router = APIRouter(prefix="/Recording", route_class=VoiceRoute, tags=["Recording"])


@router.get("/", openapi_extra=query_of(RecordingQuery))
async def list_recordings(
    request: Request,
    caller: CurrentCaller,
    query: Annotated[RecordingQuery, reads(RecordingQuery)],
    here: Here,
) -> Listed[RecordingObject]:
    now = utc_now()
    wanted = query.filter(now)
    found: Page[KeptRecording] = Page([], 0)
    if not query.finds_nothing:
        async with here.db.reading() as tx:
            scope = caller.scope.narrowed(query.subaccount)
            found = await RecordingRepository(tx).find(scope, query.window, wanted)
    objects = [
        RecordingObject.model_validate(_fields(row, caller, here.settings, now))
        for row in found.rows
    ]
    return Listed(meta=meta(request, query, found.total), objects=objects)


@router.get("/{recording_id}/")
async def get_recording(
    caller: CurrentCaller, recording_id: str, here: Here
) -> RecordingDetails:
    row = await find_recording(recording_id, caller, here)
    return RecordingDetails.model_validate(
        _fields(row, caller, here.settings, utc_now())
    )


@router.delete("/{recording_id}/", **NO_CONTENT)
async def delete(caller: CurrentCaller, recording_id: str, here: Here) -> None:
    """Its file and its words go too."""
    row = await find_recording(recording_id, caller, here)
    await delete_recording(here.db, here.store, row)


async def find_recording(
    recording_id: str, caller: Caller, here: Here
) -> KeptRecording:
    """The caller's recording. Raises NotFound."""
    async with here.db.reading() as tx:
        row = await RecordingRepository(tx).get(recording_id, caller.scope)
    if row is None:
        raise NotFound("not found")
    return row


def _fields(
    row: KeptRecording, caller: Caller, settings: Settings, now: datetime
) -> dict[str, object]:
    start_ms = epoch_ms(row.started_at)
    added = row.added_at.astimezone(caller.zone)
    minutes = -(-row.duration_ms // _ROUNDED_TO_MS)
    return {
        "add_time": added.isoformat(sep=" ", timespec="microseconds"),
        "call_uuid": row.call_uuid,
        "conference_name": row.conference_name,
        "conference_uuid": row.conference_uuid,
        "from_number": row.from_number,
        "recording_duration_ms": _decimal(row.duration_ms),
        "recording_end_ms": _decimal(start_ms + row.duration_ms),
        "recording_format": row.format,
        "recording_id": row.id,
        "recording_start_ms": _decimal(start_ms),
        "recording_storage_duration": (now - row.added_at) // timedelta(days=1),
        "recording_type": "conference" if row.conference_uuid else "call",
        "recording_url": file_url(row.account_id, row.id, row.format, settings),
        "resource_uri": caller.uri(f"Recording/{row.id}/"),
        "rounded_recording_duration": minutes * 60,
        "to_number": row.to_number,
    }


def _decimal(milliseconds: int) -> str:
    return f"{milliseconds}.00000"
