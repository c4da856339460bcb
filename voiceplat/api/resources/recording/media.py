"""Files of recordings: `/v1/Account/{auth_id}/Recording/{recording_id}.mp3` (or .wav).

Who may fetch them is a setting: whoever knows the address, whoever has a signed link,
or the owner by Basic authentication. A main account's credentials do not open the
files of a subaccount (plivo-rest 1.2).
"""

from collections.abc import AsyncIterator
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.security import HTTPBasicCredentials
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from voiceplat.api.auth import basic, check_password
from voiceplat.api.platform import Here, Platform
from voiceplat.api.wire.ranges import NoSuchRange, Span, asked_range
from voiceplat.core.errors import NotFound, Unauthorized
from voiceplat.db.models import KeptRecording
from voiceplat.db.repositories import RecordingRepository, family_in
from voiceplat.recordings.links import opens
from voiceplat.services.recording_files import file_of

_TYPES: Final = {"mp3": "audio/mpeg", "wav": "audio/wav"}
_EXPIRES_DIGITS: Final = 12
_PATH: Final = "/Recording/{recording_id}.{extension}/"

router = APIRouter(tags=["Recording"])


async def _may_fetch(
    request: Request,
    auth_id: str,
    recording_id: str,
    credentials: Annotated[HTTPBasicCredentials | None, Depends(basic)],
    here: Here,
) -> None:
    match here.settings.recordings.access:
        case "public":
            return
        case "signed":
            _check_link(request, auth_id, recording_id, here)
        case "basic":
            await _check_owner(auth_id, credentials, here)


@router.head(_PATH, dependencies=[Depends(_may_fetch)], include_in_schema=False)
@router.get(
    _PATH,
    dependencies=[Depends(_may_fetch)],
    response_class=StreamingResponse,
    responses={
        206: {"description": "part of it"},
        416: {"description": "no such part"},
    },
)
async def fetch(
    request: Request, auth_id: str, recording_id: str, extension: str, here: Here
) -> Response:
    """The file, or the part of it that `Range` asks for."""
    return await serve_file(
        request, await _row(auth_id, recording_id, extension, here), here
    )


async def serve_file(request: Request, row: KeptRecording, here: Platform) -> Response:
    """What a request for the file of a recording is answered with."""
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private",
        "Content-Type": _TYPES[row.format],
        "ETag": f'"{row.sha256}"',
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    try:
        part = _part(request, row, headers["ETag"])
    except NoSuchRange:
        headers["Content-Range"] = f"bytes */{row.size_bytes}"
        return Response(status_code=416, headers=headers)
    return await _answer(request, row, part, headers, here)


async def _row(
    auth_id: str, recording_id: str, extension: str, here: Here
) -> KeptRecording:
    try:
        uuid = str(UUID(recording_id))
    except ValueError as error:
        raise NotFound("not found") from error
    async with here.db.reading() as tx:
        row = await RecordingRepository(tx).of_account(uuid, auth_id)
    if row is None or row.format != extension:
        raise NotFound("not found")
    return row


def _part(request: Request, row: KeptRecording, etag: str) -> Span | None:
    """A part of another file than the one that the client has begun is of no use."""
    if request.headers.get("if-range", etag) != etag:
        return None
    return asked_range(request.headers.get("range"), row.size_bytes)


async def _answer(
    request: Request,
    row: KeptRecording,
    part: Span | None,
    headers: dict[str, str],
    here: Here,
) -> Response:
    span = part or Span(0, row.size_bytes)
    headers["Content-Length"] = str(span.end - span.first)
    if part:
        headers["Content-Range"] = f"bytes {span.first}-{span.end - 1}/{row.size_bytes}"
    status = 206 if part else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    pieces = here.store.read(file_of(row), span.first, span.end)
    first = await anext(pieces, b"")  # a storage that is away says so before the 200
    return StreamingResponse(_chained(first, pieces), status, headers)


async def _chained(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


def _check_link(request: Request, auth_id: str, recording_id: str, here: Here) -> None:
    """Raises Unauthorized."""
    expires = request.query_params.get("expires", "")
    signature = request.query_params.get("signature", "")
    is_time = expires.isascii() and expires.isdigit()
    if not is_time or len(expires) > _EXPIRES_DIGITS:
        raise Unauthorized("this file needs a signed link: ask for its recording_url")
    if not opens(auth_id, recording_id, int(expires), signature, here.settings):
        raise Unauthorized("the link is expired or not ours: ask for recording_url")


async def _check_owner(
    auth_id: str, credentials: HTTPBasicCredentials | None, here: Here
) -> None:
    """Raises Unauthorized."""
    if credentials is None or not credentials.username.isprintable():
        raise Unauthorized("authentication credentials are missing")
    family = await here.db.glance(family_in, auth_id, credentials.username)
    check_password(family.get(credentials.username), credentials.password, here)
    owner = family.get(auth_id)
    if credentials.username != auth_id or owner is None:
        raise Unauthorized("authentication failed")
    if not (owner.enabled and family[owner.main_id].enabled):
        raise Unauthorized("this account is disabled")
