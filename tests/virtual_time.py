"""An event loop whose clock jumps to the next timer as soon as nothing is left to do.

An hour of waiting passes in no time and always in the same order. A loop with sockets
of its own or with work in threads cannot know what the outside still does: it waits in
real time while it has them.
"""

import asyncio
import selectors
import time
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

import pytest
from typing_extensions import override

REAL_TIME_MARKERS = (
    *("redis", "postgres", "sip", "edge", "browser"),
    *("compat", "real_time", "fault"),
)

_T = TypeVar("_T")
_Args = TypeVarTuple("_Args")


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._now = 0.0
        self._in_threads = 0
        self._own_files = 0
        selector = _JumpingSelector(self)
        super().__init__(selector)
        self._own_files = len(selector.get_map())

    @override
    def time(self) -> float:
        return self._now

    def pass_time(self, seconds: float) -> None:
        self._now += seconds

    def is_alone(self, files: int) -> bool:
        """Nothing but this loop's own timers can bring the next event."""
        return files <= self._own_files and self._in_threads == 0

    @override
    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*_Args], _T], *args: *_Args
    ) -> asyncio.Future[_T]:
        self._in_threads += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._thread_is_done)
        return future

    def _thread_is_done(self, _: asyncio.Future[Any]) -> None:
        self._in_threads -= 1


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    @override
    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout and self._loop.is_alone(len(self.get_map())):
            ready = super().select(0)
            if not ready:
                self._loop.pass_time(timeout)
            return ready
        before = time.monotonic()
        ready = super().select(timeout)
        if not self._loop.is_alone(len(self.get_map())):
            self._loop.pass_time(time.monotonic() - before)
        return ready


def loop_factories(
    item: pytest.Item,
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The answer to pytest-asyncio's hook: virtual time unless a marker says real."""
    if any(item.get_closest_marker(name) for name in REAL_TIME_MARKERS):
        return {"real_time": asyncio.new_event_loop}
    return {"virtual_time": VirtualTimeLoop}
