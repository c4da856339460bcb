"""The supervisor's end of one call worker: its process and the pipe for orders.

Workers come from a fork server that has imported everything: one starts in some 10 ms
and shares most of its memory with its siblings.
"""

import asyncio
import multiprocessing
from contextlib import suppress

from voiceplat.media.worker import WorkerSpec, worker_main

_forkserver = multiprocessing.get_context("forkserver")
_forkserver.set_forkserver_preload(["voiceplat.media.fork_server"])


class WorkerProcess:
    def __init__(self, spec: WorkerSpec) -> None:
        self.spec = spec
        self._ours, self._theirs = _forkserver.Pipe()
        self._process = _forkserver.Process(
            target=worker_main,
            args=(spec, self._theirs),
            name=f"voiceplat worker {spec.address}",
        )

    async def run(self) -> int | None:
        """Start it; returns its exit code when it has ended, killed by signal N: -N."""
        await asyncio.to_thread(self._process.start)
        self._theirs.close()
        loop = asyncio.get_running_loop()
        gone = asyncio.Event()
        loop.add_reader(self._process.sentinel, gone.set)
        try:
            await gone.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
            self._ours.close()
        self._process.join()
        return self._process.exitcode

    def order(self, order: bytes) -> None:
        """Tell it DRAIN or STOP; a worker that is gone needs no telling."""
        with suppress(OSError):
            self._ours.send_bytes(order)
