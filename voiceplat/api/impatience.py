"""Connections on which no request arrives, or none that ends: closed.

uvicorn waits for ever for the end of a request's head, and keeps all of it.
"""

import asyncio
from typing import Final, cast

from typing_extensions import override
from uvicorn.protocols.http.httptools_impl import (
    HttpToolsProtocol,
    RequestResponseCycle,
)

HEAD_WITHIN_S: Final = 10
HEAD_MAX: Final = 64 * 1024
"""Bytes that come while no request is answered: a head, or a body that nobody wants."""


class ImpatientProtocol(HttpToolsProtocol):
    _deadline: asyncio.TimerHandle | None = None
    _unanswered = 0

    @property
    def is_fresh(self) -> bool:
        """No request has come yet."""
        return cast("RequestResponseCycle | None", self.cycle) is None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_answering():
            self._stop_waiting()
            return
        self._unanswered += len(data)
        if self._unanswered > HEAD_MAX:
            self.transport.abort()
        elif self._deadline is None:
            self._wait()

    def _is_answering(self) -> bool:
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle is not None and not cycle.response_complete

    def _wait(self) -> None:
        self._deadline = self.loop.call_later(HEAD_WITHIN_S, self.transport.abort)

    def _stop_waiting(self) -> None:
        self._unanswered = 0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
