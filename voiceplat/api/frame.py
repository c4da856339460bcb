"""What surrounds every request: its api_id, one trailing slash, a log line, a 500.

Plain ASGI, outermost. Clients send zero, one or two trailing slashes; a redirect would
turn their POST into a GET, so the path is mended before it is routed (plivo-rest 1.4).
"""

import asyncio
import re
from contextvars import ContextVar
from typing import Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from typing_extensions import override

from voiceplat.core.ids import new_api_id

log = structlog.get_logger()

_API: Final = "/v1/"
_OFTEN: Final = frozenset({"/healthz", "/readyz"})
"""Asked every few seconds: not worth a line."""
_ENDING: Final = re.compile(r"/{0,2}$")
_api_id: ContextVar[str] = ContextVar("api_id")


def current_api_id() -> str:
    """The id of the request that is being answered; fresh outside of one."""
    return _api_id.get(None) or new_api_id()


class RequestFrame:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _OFTEN:
            await self._app(scope, receive, send)
            return
        if not scope["path"].startswith(_API):
            await self._app(scope, receive, _Logged(scope, send))
            return
        _api_id.set(new_api_id())
        mended = {**scope, "path": _mended(scope["path"])}
        with structlog.contextvars.bound_contextvars(api_id=current_api_id()):
            await self._answer(mended, receive, _Named(mended, send))

    async def _answer(self, scope: Scope, receive: Receive, send: "_Named") -> None:
        try:
            await self._app(scope, receive, send)
        except Exception:
            log.exception("request_failed", method=scope["method"], path=scope["path"])
            if send.status is not None:
                raise
            body = {"api_id": current_api_id(), "error": "internal error"}
            await JSONResponse(body, status_code=500)(scope, receive, send)


def _mended(path: str) -> str:
    """With one slash at its end; PostgreSQL cannot even be asked for a NUL."""
    return _API if "\0" in path else _ENDING.sub("/", path, count=1)


class _Logged:
    """Sends on, and logs how the request was answered."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._began = asyncio.get_running_loop().time()
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            took_s = asyncio.get_running_loop().time() - self._began
            client = self._scope.get("client")
            log.info(
                "request_answered",
                method=self._scope["method"],
                path=self._scope["path"],
                status=self.status,
                took_ms=round(took_s * 1000, 1),
                client=client[0] if client else "",
            )
        await self._send(message)


class _Named(_Logged):
    """Says the request's api_id, too."""

    @override
    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message)["X-Api-Id"] = current_api_id()
        await super().__call__(message)
