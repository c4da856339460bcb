"""Child processes that are kept warm for work that may crash or hang.

Each runs a program that says it is ready, then reads one JSON order a line on stdin
and answers one JSON line on stdout. A child that is too slow or dies is replaced; the
order it had fails, no other.
"""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from voiceplat.core.errors import VoiceplatError

_START_S: Final = 30
"""How long a child may take until it can work; not part of any order's time."""
_ENVIRONMENT: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

Answer = Mapping[str, Any]


class ChildFailed(VoiceplatError):
    """No answer: `why` says what became of the child."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the child process {why}")
        self.why = why


@dataclass(slots=True, eq=False)
class _Child:
    process: Process
    orders: asyncio.StreamWriter
    answers: asyncio.StreamReader
    is_ready: bool = False


class WarmChildren:
    """An async context manager; `order` waits for a child that is free."""

    def __init__(self, module: str, count: int) -> None:
        """Of a `python -m` module that ends when its stdin does."""
        self._program = (sys.executable, "-I", "-m", module)
        self._count = count
        self._free: asyncio.Queue[_Child | None] = asyncio.Queue()
        self._children: set[_Child] = set()

    async def __aenter__(self) -> Self:
        for _ in range(self._count):
            self._free.put_nowait(await self._start())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for child in tuple(self._children):
            await self._end(child)

    async def order(self, order: Answer, limit_s: float) -> Answer:
        """What a child answers. Raises ChildFailed."""
        child = await self._free.get()
        usable = None
        try:
            child = child or await self._start()
            answer = await self._ask(child, order, limit_s)
            usable = child
        finally:
            if usable is None and child is not None:
                await self._end(child)
            self._free.put_nowait(usable)
        return answer

    async def _ask(self, child: _Child, order: Answer, limit_s: float) -> Answer:
        if not child.is_ready:
            await _next_line(child, _START_S, "did not start")
            child.is_ready = True
        child.orders.write(json.dumps(order).encode() + b"\n")
        line = await _next_line(child, limit_s, f"took over {limit_s:g} s")
        answer: Answer = json.loads(line)
        return answer

    async def _start(self) -> _Child:
        process = await asyncio.create_subprocess_exec(
            *self._program,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env=_ENVIRONMENT,
            start_new_session=True,  # Ctrl-C at the terminal is for its parent
        )
        if process.stdin is None or process.stdout is None:
            raise ChildFailed("has no pipes")
        child = _Child(process, process.stdin, process.stdout)
        self._children.add(child)
        return child

    async def _end(self, child: _Child) -> None:
        self._children.discard(child)
        with suppress(ProcessLookupError):
            child.process.kill()
        child.orders.close()
        await child.process.wait()


async def _next_line(child: _Child, limit_s: float, too_late: str) -> bytes:
    try:
        async with asyncio.timeout(limit_s):
            line = await child.answers.readline()
    except TimeoutError as error:
        raise ChildFailed(too_late) from error
    except ConnectionError as error:
        raise ChildFailed("was gone") from error
    if not line:
        raise ChildFailed("died of it")
    return line
