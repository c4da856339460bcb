"""The pipe between a supervisor and a process that it started.

It brings orders down and requests up, and its end tells each that the other is gone.
"""

import asyncio
from multiprocessing.connection import Connection
from typing import Final

DRAIN: Final = b"drain"
"""Take nothing new, end with the last call."""
STOP: Final = b"stop"
"""Hang up what is left, then end."""


async def next_order(lifeline: Connection) -> bytes:
    """The supervisor's next order; when it is gone, STOP."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(lifeline.fileno(), ready.set)
    try:
        await ready.wait()
        return lifeline.recv_bytes()
    except EOFError:
        return STOP
    finally:
        loop.remove_reader(lifeline.fileno())
