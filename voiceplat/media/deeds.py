"""What goes on beside a call's elements: keys that are sent, results that are told."""

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self

import structlog

from voiceplat.calls.leg import CallEnded
from voiceplat.core.errors import VoiceplatError

log = structlog.get_logger()


class Deeds:
    """An async context manager: leaving it cancels what is not done."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        self.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def cancel(self) -> None:
        for deed in self._running:
            deed.cancel()

    def start(self, deed: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_contained(deed))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def until_quiet(self) -> None:
        """Returns when all that was started is done."""
        while self._running:
            await asyncio.wait(set(self._running))


async def _contained(deed: Coroutine[Any, Any, None]) -> None:
    """One that fails is heard of in the log, and disturbs nothing."""
    try:
        await deed
    except CallEnded:
        return
    except VoiceplatError as error:
        log.warning("deed_failed", why=str(error))
    except Exception:
        log.exception("deed_failed")
