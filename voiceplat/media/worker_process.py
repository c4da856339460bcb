"""The supervisor's end of one call worker or mixer: its process and the pipe to it.

They come from a fork server that has imported everything: one starts in some 10 ms and
shares most of its memory with its siblings.
"""

import asyncio
import multiprocessing
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Generic, TypeVar

from voiceplat.media.worker import WorkerSpec, worker_main
from voiceplat.mixer.process import MixerSpec, mixer_main

_forkserver = multiprocessing.get_context("forkserver")
_forkserver.set_forkserver_preload(["voiceplat.media.fork_server"])

S = TypeVar("S")


class ForkedProcess(Generic[S]):
    def __init__(
        self,
        name: str,
        main: Callable[[S, Connection], None],
        spec: S,
        asked: Callable[[bytes], None] | None = None,
    ) -> None:
        """`asked` gets what it asks of its supervisor, and tells it."""
        self.spec = spec
        self._asked = asked
        self._pid = 0
        self._ours, self._theirs = _forkserver.Pipe()
        self._process = _forkserver.Process(
            target=main, args=(spec, self._theirs), name=f"voiceplat {name}"
        )

    async def run(self) -> int | None:
        """Start it; returns its exit code when it has ended, killed by signal N: -N."""
        await asyncio.to_thread(self._process.start)
        self._theirs.close()
        self._pid = self._process.pid or 0
        loop = asyncio.get_running_loop()
        gone = asyncio.Event()
        loop.add_reader(self._process.sentinel, gone.set)
        loop.add_reader(self._ours.fileno(), self._listen)
        try:
            await gone.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
            loop.remove_reader(self._ours.fileno())
            self._ours.close()
            self._pid = 0
        self._process.join()
        return self._process.exitcode

    @property
    def pid(self) -> int:
        """0 while it is not there."""
        return self._pid

    def order(self, order: bytes) -> None:
        """Tell it DRAIN or STOP; one that is gone needs no telling."""
        with suppress(OSError):
            self._ours.send_bytes(order)

    def _listen(self) -> None:
        try:
            request = self._ours.recv_bytes()
        except (EOFError, OSError):  # it ends
            asyncio.get_running_loop().remove_reader(self._ours.fileno())
            return
        if self._asked is not None:
            self._asked(request)


class WorkerProcess(ForkedProcess[WorkerSpec]):
    def __init__(
        self, spec: WorkerSpec, asked: Callable[[bytes], None] | None = None
    ) -> None:
        super().__init__(f"worker {spec.address}", worker_main, spec, asked)


class MixerProcess(ForkedProcess[MixerSpec]):
    def __init__(
        self, spec: MixerSpec, asked: Callable[[bytes], None] | None = None
    ) -> None:
        super().__init__(f"mixer {spec.wanted.uuid}", mixer_main, spec, asked)
