"""What a test that failed leaves to its reader: where it waits, what was logged."""

import asyncio
from collections.abc import Iterator
from typing import Final

from tests.servers.platform import running

LOG_CHARS: Final = 3000
"""Of the end of each log."""


def traces(loop: asyncio.AbstractEventLoop | None) -> Iterator[tuple[str, str]]:
    """Titles and texts; `loop` is that of an async test, which may wait in it."""
    if loop and not loop.is_closed() and asyncio.all_tasks(loop):
        yield "what waits", "\n\n".join(_waiting(loop))
    for platform in running:
        yield from platform.last_logged(LOG_CHARS)


def _waiting(loop: asyncio.AbstractEventLoop) -> Iterator[str]:
    """Each task's way, from where it began to where it waits."""
    for task in asyncio.all_tasks(loop):
        way = [task.get_name()]
        step: object = task.get_coro()
        while (frame := getattr(step, "cr_frame", None)) is not None:
            way.append(f"  {frame.f_code.co_filename}:{frame.f_lineno}")
            step = getattr(step, "cr_await", None)
        yield "\n".join(way)
