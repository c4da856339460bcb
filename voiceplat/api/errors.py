"""Errors become answers here, once: `{"api_id", "error"}`, as plivo-rest 1.8 says.

Errors of list routes carry `objects: []` too: the Python SDK wraps what a list route
answers before it looks at the status, and would raise AttributeError without it.
"""

from typing import Final

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from voiceplat.api.frame import current_api_id
from voiceplat.core.errors import (
    BadRequest,
    CallNotLive,
    Conflict,
    Forbidden,
    NotFound,
    NotLoggedIn,
    RateLimited,
    Unauthorized,
    Unavailable,
    VoiceplatError,
)

log = structlog.get_logger()

_STATUS: Final[dict[type[VoiceplatError], int]] = {
    BadRequest: 400,
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    CallNotLive: 404,
    Conflict: 409,
    RateLimited: 429,
    Unavailable: 503,
}
_TEXT: Final = {404: "not found", 405: "method not allowed"}
_LIST_DEPTH: Final = 4
"""`/v1/Account/{auth_id}/Call/`: a GET of four parts lists something."""


def add_error_handlers(app: FastAPI) -> None:
    for kind in _STATUS:
        app.add_exception_handler(kind, _ours)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)


def failure(request: Request, status: int, text: str) -> JSONResponse:
    body: dict[str, object] = {"api_id": current_api_id(), "error": text}
    if request.method == "GET" and _is_list(request.url.path):
        body["objects"] = []
    return JSONResponse(body, status_code=status)


def _is_list(path: str) -> bool:
    return len(path.strip("/").split("/")) == _LIST_DEPTH


async def _ours(request: Request, error: Exception) -> Response:
    status = next(code for kind, code in _STATUS.items() if isinstance(error, kind))
    if isinstance(error, Unavailable):
        log.warning("request_refused", why=str(error))
        answer = failure(request, status, f"{error.part} is not reachable, try again")
        answer.headers["Retry-After"] = "1"
        return answer
    answer = failure(request, status, str(error))
    if isinstance(error, Unauthorized) and not isinstance(error, NotLoggedIn):
        answer.headers["WWW-Authenticate"] = 'Basic realm="voiceplat"'
    if isinstance(error, RateLimited):
        seconds = max(1, round(error.retry_after.total_seconds()))
        answer.headers["Retry-After"] = str(seconds)
    return answer


async def _http(request: Request, error: Exception) -> Response:
    """What the router itself refuses: unknown paths, methods, broken headers."""
    if not isinstance(error, HTTPException):
        raise error
    text = _TEXT.get(error.status_code, error.detail)
    answer = failure(request, error.status_code, text)
    answer.headers.update(error.headers or {})
    return answer


async def _invalid(request: Request, error: Exception) -> Response:
    """A path or header that FastAPI itself could not read."""
    log.info("request_invalid", why=str(error))
    return failure(request, 400, "invalid request")
