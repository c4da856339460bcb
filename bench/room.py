"""A mixer in a process of its own, for others to load. It has one thread: one core."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Final

from bench.processes import cpu_s
from voiceplat.calls.link import LinkEnd
from voiceplat.mixer.mix import Mix
from voiceplat.mixer.priority import go_first

START_S: Final = 30


@dataclass(frozen=True, slots=True)
class Room:
    pid: int
    ends: Sequence[LinkEnd]
    """The mixer's, in the order of its members."""

    def cpu_s(self) -> float:
        """Used since the process began."""
        return cpu_s(self.pid)


@contextmanager
def running_room(host: str, members: Sequence[LinkEnd]) -> Iterator[Room]:
    """A room of these, who must send from there."""
    context = get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=_mix, args=(its, host, members))
    process.start()
    try:
        if not ours.poll(START_S):
            raise TimeoutError("the mixer did not start")
        yield Room(process.pid or 0, ours.recv())
    finally:
        ours.close()
        its.close()
        process.join(START_S)


def _mix(parent: Connection, host: str, members: Sequence[LinkEnd]) -> None:
    go_first()  # as the mixer process does
    asyncio.run(_run(parent, host, members))


async def _run(parent: Connection, host: str, members: Sequence[LinkEnd]) -> None:
    floors: list[int] = []
    mix = Mix(host=host, on_floor=floors.append)
    parent.send([mix.add(number, end) for number, end in enumerate(members)])
    running = asyncio.create_task(mix.run())
    over = asyncio.Event()
    asyncio.get_running_loop().add_reader(parent.fileno(), over.set)
    await over.wait()
    running.cancel()
    await asyncio.wait([running])
