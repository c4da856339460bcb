"""What a client sent, whatever way it sent it: one flat mapping (plivo-rest 1.3).

JSON, forms and multipart in the body, and the query; a body's value wins over the
query's, and of repeated names the first counts. A GET's body is never looked at: Node's
SDK sends `""` there. JSON that is no object says nothing, so it is read as empty.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Final
from urllib.parse import parse_qsl

from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from voiceplat.core.errors import BadRequest

BODY_MAX: Final = 1024 * 1024
BODY_WITHIN_S: Final = 10
_FIELDS_MAX: Final = 1000

Sent = Mapping[str, object]


async def sent_by(request: Request) -> Sent:
    """Read once per request; raises BadRequest for a body that cannot be read."""
    if not hasattr(request.state, "sent"):
        query = _first_of(request.query_params.multi_items())
        request.state.sent = query | await _body(request)
    sent: Sent = request.state.sent
    return sent


async def _body(request: Request) -> dict[str, object]:
    if request.method == "GET":
        return {}
    body = await _limited_body(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        return await _multipart(request, body)
    if kind == "application/x-www-form-urlencoded" and not _looks_like_json(body):
        return _form(body)
    return _json(body)


async def _limited_body(request: Request) -> bytes:
    chunks, size = [], 0
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            async for chunk in request.stream():
                size += len(chunk)
                if size > BODY_MAX:
                    raise BadRequest(f"request body is larger than {BODY_MAX} bytes")
                chunks.append(chunk)
    except (ClientDisconnect, TimeoutError) as error:
        raise BadRequest("request body is incomplete") from error
    return b"".join(chunks)


def _looks_like_json(body: bytes) -> bool:
    """Curl -d '{"a":"b"}' calls its JSON a form."""
    return body.lstrip()[:1] == b"{"


def _json(body: bytes) -> dict[str, object]:
    if not body.strip():
        return {}
    try:
        value = json.loads(body, object_pairs_hook=_first_of)
    except (ValueError, RecursionError) as error:
        raise BadRequest("request body is not valid JSON") from error
    return value if isinstance(value, dict) else {}


def _form(body: bytes) -> dict[str, object]:
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=_FIELDS_MAX
        )
    except ValueError as error:
        raise BadRequest("request body is not a valid form") from error
    return _first_of(pairs)


async def _multipart(request: Request, body: bytes) -> dict[str, object]:
    async def stream() -> AsyncGenerator[bytes]:
        yield body

    parser = MultiPartParser(
        request.headers, stream(), max_files=_FIELDS_MAX, max_part_size=BODY_MAX
    )
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError) as error:
        raise BadRequest("request body is not a valid form") from error
    texts = [(name, part) for name, part in form.multi_items() if isinstance(part, str)]
    await form.close()
    return _first_of(texts)


def _first_of(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    return dict(reversed(pairs))
