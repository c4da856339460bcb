"""Pages that follow what happens: one look-up for all who watch the same.

What a page shows is made again and again while somebody watches, and sent to each
viewer as a Server-Sent Event when it has changed. However many watch, Redis and the
database are asked once; when nobody does, not at all.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar, Union

import structlog
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import StreamingResponse

from voiceplat.api.console.session import current_viewer
from voiceplat.api.platform import Platform
from voiceplat.core.errors import NotLoggedIn, Unavailable

log = structlog.get_logger()

M = TypeVar("M", bound=BaseModel)
Make = Callable[[], Awaitable[M]]
News = Union[M, Unavailable]  # noqa: UP007 - a generic alias, before Python 3.12

LOOK_AT_SESSION_S: Final = 5
"""How long a page goes on after its session ended."""


class Watched(Generic[M]):
    """Something that is looked up while anybody watches it."""

    def __init__(self, make: Make[M], every: timedelta) -> None:
        self._make = make
        self._every_s = every.total_seconds()
        self._changed = asyncio.Event()
        self._latest: News[M] | None = None
        self._version = 0
        self._closed = False
        self._looking = asyncio.create_task(self._look())
        self.viewers = 0

    async def after(self, version: int) -> tuple[int, News[M] | None]:
        """The latest, once it is another than that version; None when it is over."""
        while self._version == version and not self._closed:
            await self._changed.wait()
        return self._version, None if self._closed else self._latest

    def close(self) -> None:
        """Whoever waits hears that it is over."""
        self._closed = True
        self._looking.cancel()
        self._changed.set()

    async def end(self) -> None:
        self.close()
        await asyncio.wait({self._looking})

    async def _look(self) -> None:
        while True:
            try:
                self._tell(await self._make())
            except Unavailable as error:
                self._tell(error)
            except Exception:
                log.exception("console_look_failed")
            await asyncio.sleep(self._every_s)

    def _tell(self, found: News[M]) -> None:
        both_away = isinstance(found, Unavailable) and isinstance(
            self._latest, Unavailable
        )
        if both_away or found == self._latest:
            return
        self._latest = found
        self._version += 1
        self._changed.set()
        self._changed = asyncio.Event()


class Watches:
    """What is watched now, by a name that says all on which it depends."""

    def __init__(self) -> None:
        self._watched: dict[str, Watched[Any]] = {}
        self._closed = False

    @property
    def names(self) -> set[str]:
        return set(self._watched)

    @asynccontextmanager
    async def watching(
        self, name: str, make: Make[M], every: timedelta
    ) -> AsyncIterator[Watched[M]]:
        if name not in self._watched:
            self._watched[name] = Watched(make, every)
        watched: Watched[M] = self._watched[name]
        watched.viewers += 1
        if self._closed:
            watched.close()
        try:
            yield watched
        finally:
            watched.viewers -= 1
            if not watched.viewers:
                self._watched.pop(name, None)
                await watched.end()

    def close(self) -> None:
        """Every page is told that this is the end; the process stops."""
        self._closed = True
        for watched in self._watched.values():
            watched.close()


def event_stream(
    request: Request,
    name: str,
    make: Make[M],
    shown: Callable[[M], str] = lambda it: it.model_dump_json(),
    *,
    every: timedelta = timedelta(0),
) -> StreamingResponse:
    """What `make` finds, as `shown` to this viewer; by setting, or not so often."""
    here: Platform = request.app.state.platform
    watches: Watches = request.app.state.watches
    usual = timedelta(milliseconds=here.settings.console.refresh_ms)

    async def events() -> AsyncGenerator[str]:
        yield "retry: 2000\n\n"
        async with watches.watching(name, make, max(usual, every)) as watched:
            async for text in _texts(request, here, watched, shown):
                yield text

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(
        events(), headers=headers, media_type="text/event-stream; charset=utf-8"
    )


async def _texts(
    request: Request,
    here: Platform,
    watched: Watched[M],
    shown: Callable[[M], str],
) -> AsyncGenerator[str]:
    version, loop = 0, asyncio.get_running_loop()
    look_at = loop.time() + LOOK_AT_SESSION_S
    while True:
        if loop.time() >= look_at:
            if not await _still_in(request, here):
                yield "event: over\ndata: {}\n\n"
                return
            yield ": still here\n\n"
            look_at = loop.time() + LOOK_AT_SESSION_S
        try:
            async with asyncio.timeout_at(look_at):
                version, news = await watched.after(version)
        except TimeoutError:
            continue
        if news is None:
            return
        if isinstance(news, Unavailable):
            yield f"event: away\ndata: {news.part}\n\n"
        else:
            yield f"data: {shown(news)}\n\n"


async def _still_in(request: Request, here: Platform) -> bool:
    try:
        await current_viewer(request, here)
    except NotLoggedIn:
        return False
    except Unavailable:
        return True
    return True
