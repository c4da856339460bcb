"""Several things may happen to a call at once; the first one that does, decides."""

import asyncio
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")


async def first_of(*ways: Coroutine[Any, Any, T]) -> T:
    """Run all `ways` at once; the result of the first to finish, the rest cancelled.

    Its exception is raised if it ended so. When two finish in the same turn of the loop
    the one named first wins.
    """
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task.done()).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def never() -> NoReturn:
    """Waits until it is cancelled."""
    await asyncio.Event().wait()
    raise AssertionError
