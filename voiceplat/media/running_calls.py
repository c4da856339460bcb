"""What a worker has running, each a task: its calls, and the legs that it lends."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import structlog

log = structlog.get_logger()


class RunningCalls:
    def __init__(self, changed: asyncio.Event | None = None) -> None:
        self.changed = changed or asyncio.Event()
        """Set whenever there is one more or less; whoever waits for it clears it."""
        self.begun = 0
        """How many there ever were."""
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, call: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(call)
        self._tasks.add(task)
        self.begun += 1
        task.add_done_callback(self._over)
        self.changed.set()

    def cancel(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def until_idle(self) -> None:
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.changed.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("call_task_failed", exc_info=error)
