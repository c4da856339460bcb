"""The sound of recordings for the call page: the file itself, and its picture."""

import asyncio
from collections import OrderedDict
from typing import Final
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from voiceplat.api.console.session import CurrentViewer, Viewer
from voiceplat.api.platform import Here, Platform
from voiceplat.api.resources.recording.media import serve_file
from voiceplat.core.errors import NotFound
from voiceplat.db.models import KeptRecording
from voiceplat.db.repositories import RecordingRepository
from voiceplat.recordings.peaks import Peaks, peaks_of
from voiceplat.services.recording_files import file_of

PICTURE_MAX_BYTES: Final = 64 * 1024 * 1024
"""Larger files have no picture: they would be decoded for too long."""
_KEPT: Final = 256
_FILE: Final = "/recording/{recording_id}/file"

router = APIRouter(prefix="/console/api", include_in_schema=False)


class WaveformView(BaseModel):
    channels: list[list[int]]
    """0 to 100 for each, loudest sample of a stretch; none for a file too large."""


class Pictures:
    """The last waveforms made; one at a time, aside of what the API has to do."""

    def __init__(self) -> None:
        self._made: OrderedDict[str, Peaks] = OrderedDict()
        self._turn = asyncio.Lock()

    async def of(self, row: KeptRecording, here: Platform) -> Peaks:
        async with self._turn:
            if row.sha256 not in self._made:
                pieces = [piece async for piece in here.store.read(file_of(row))]
                made = await asyncio.to_thread(peaks_of, b"".join(pieces))
                self._made[row.sha256] = made
                while len(self._made) > _KEPT:
                    self._made.popitem(last=False)
            self._made.move_to_end(row.sha256)
            return self._made[row.sha256]


@router.head(_FILE)
@router.get(_FILE)
async def file(
    request: Request, viewer: CurrentViewer, recording_id: UUID, here: Here
) -> Response:
    """The file, or the part of it that `Range` asks for."""
    return await serve_file(request, await _row(recording_id, viewer, here), here)


@router.get("/recording/{recording_id}/waveform")
async def waveform(
    request: Request,
    response: Response,
    viewer: CurrentViewer,
    recording_id: UUID,
    here: Here,
) -> WaveformView:
    row = await _row(recording_id, viewer, here)
    response.headers["Cache-Control"] = "private, max-age=86400"
    if row.size_bytes > PICTURE_MAX_BYTES:
        return WaveformView(channels=[])
    pictures: Pictures = request.app.state.pictures
    return WaveformView(channels=await pictures.of(row, here))


async def _row(recording_id: UUID, viewer: Viewer, here: Platform) -> KeptRecording:
    async with here.db.reading() as tx:
        row = await RecordingRepository(tx).get(str(recording_id), viewer.caller.scope)
    if row is None:
        raise NotFound("not found")
    return row
