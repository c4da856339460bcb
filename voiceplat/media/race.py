"""Several things may end a call; the first one that does, wins."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from voiceplat.calls.outcome import End

T = TypeVar("T")


async def first_to_end(*ways: Coroutine[None, None, End]) -> End:
    """Run all `ways` at once, return the End of the first to finish, cancel the rest.

    An exception in one of them cancels the others too and is raised as it is. When two
    finish in the same turn of the loop the one named first wins.
    """
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return next(task for task in tasks if task.done()).result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
