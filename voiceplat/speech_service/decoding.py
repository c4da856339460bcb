"""Warm child processes that decode (decoder.py), one order at a time each.

A child that is too slow or dies is replaced; the order it had fails, no other.
"""

import asyncio
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from voiceplat.core.errors import MediaError
from voiceplat.core.settings import PlaySettings

_CHILDREN: Final = 2
_PROGRAM: Final = (sys.executable, "-I", "-m", "voiceplat.speech_service.decoder")
_START_S: Final = 30
"""How long a child may take until it can decode; not part of any file's time."""
_ENVIRONMENT: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


@dataclass(slots=True, eq=False)
class _Child:
    process: Process
    orders: asyncio.StreamWriter
    answers: asyncio.StreamReader
    is_ready: bool = False


class Decoders:
    """An async context manager; `decode` waits for a child that is free."""

    def __init__(
        self, settings: PlaySettings, rate_hz: int, children: int = _CHILDREN
    ) -> None:
        self._settings = settings
        self._rate_hz = rate_hz
        self._count = children
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

    async def decode(self, source: Path, target: Path) -> None:
        """Write `source` to `target` as WAV. Raises MediaError."""
        child = await self._free.get()
        usable = None
        try:
            child = child or await self._start()
            error = await self._order(child, source, target)
            usable = child
        finally:
            if usable is None and child is not None:
                await self._end(child)
            self._free.put_nowait(usable)
        if error:
            raise MediaError(error)

    async def _order(self, child: _Child, source: Path, target: Path) -> str:
        """What is wrong with the source; empty when it has been written."""
        order = {
            "source": str(source),
            "target": str(target),
            "rate_hz": self._rate_hz,
            "duration_max_s": self._settings.duration_max_s,
            "timeout_s": self._settings.decode_timeout_s,
        }
        if not child.is_ready:
            await self._next_line(child, _START_S, "the decoder did not start")
            child.is_ready = True
        child.orders.write(json.dumps(order).encode() + b"\n")
        limit_s = self._settings.decode_timeout_s
        line = await self._next_line(child, limit_s, f"decoding took over {limit_s} s")
        return str(json.loads(line)["error"])

    @staticmethod
    async def _next_line(child: _Child, limit_s: float, too_late: str) -> bytes:
        try:
            async with asyncio.timeout(limit_s):
                line = await child.answers.readline()
        except TimeoutError as error:
            raise MediaError(too_late) from error
        except ConnectionError as error:
            raise MediaError("the decoder was gone") from error
        if not line:
            raise MediaError("the decoder died of it")
        return line

    async def _start(self) -> _Child:
        process = await asyncio.create_subprocess_exec(
            *_PROGRAM,
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
            env=_ENVIRONMENT,
            start_new_session=True,  # Ctrl-C at the terminal is for the service
        )
        if process.stdin is None or process.stdout is None:
            raise MediaError("the decoder has no pipes")
        child = _Child(process, process.stdin, process.stdout)
        self._children.add(child)
        return child

    async def _end(self, child: _Child) -> None:
        self._children.discard(child)
        with suppress(ProcessLookupError):
            child.process.kill()
        child.orders.close()
        await child.process.wait()
