"""Counts requests by route template: paths have numbers and uuids in them."""

import asyncio
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voiceplat.metrics.api import ApiFigures

_METHODS: Final = frozenset({"GET", "POST", "DELETE", "PUT", "PATCH", "HEAD"})
_ELSEWHERE: Final = "other"
"""Of what no route of ours is for, static files among it."""


class RequestMeter:
    def __init__(self, app: ASGIApp, figures: ApiFigures) -> None:
        self._app = app
        self._figures = figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500  # what is answered when the application breaks

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            with self._figures.under_way.track_inprogress():
                await self._app(scope, receive, noted)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else _ELSEWHERE
            route = getattr(scope.get("route"), "path", _ELSEWHERE)
            self._figures.requests.labels(method, route, status).inc()
            self._figures.took.labels(method, route).observe(loop.time() - began)
