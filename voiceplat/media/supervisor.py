"""A host's call workers: starts them, replaces the dead, hands them the queue.

Workers come from a fork server that has imported everything: one starts in some 10 ms
and shares most of its memory with its siblings.
"""

import asyncio
import multiprocessing
import socket
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import Final

import structlog

from voiceplat.bus.bus import Bus
from voiceplat.core.errors import Unavailable
from voiceplat.core.ids import NodeId, WorkerAddress
from voiceplat.core.settings import Settings
from voiceplat.media.worker import DRAIN, STOP, WorkerSpec, worker_main
from voiceplat.services.close_worker import close_worker

log = structlog.get_logger()

RESTART_AFTER_S: Final = 0.5
LAST_WORDS_S: Final = 6.0
"""How long a worker may take to hang up its calls after STOP."""

_forkserver = multiprocessing.get_context("forkserver")


class Supervisor:
    def __init__(self, settings: Settings, node: NodeId, bus: Bus) -> None:
        self._settings = settings
        self._node = node
        self._bus = bus
        self._lifelines: dict[WorkerAddress, Connection] = {}
        self._draining = False
        self._woken = asyncio.Event()

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop`, then drain for at most `drain_timeout_s`."""
        _forkserver.set_forkserver_preload(["voiceplat.media.worker"])
        async with asyncio.TaskGroup() as tasks:
            serving = [
                tasks.create_task(self._heartbeat()),
                tasks.create_task(self._listen_for_work()),
                tasks.create_task(self._hand_out_work()),
            ]
            keepers = [
                tasks.create_task(self._keep_worker(index))
                for index in range(self._settings.media.workers)
            ]
            await stop.wait()
            await self._drain(keepers)
            for task in serving:
                task.cancel()
        with suppress(Unavailable):
            await self._bus.nodes.remove(self._node)

    # workers

    async def _keep_worker(self, index: int) -> None:
        """Keep one worker running, a new one for each that dies."""
        while not self._draining:
            spec = self._spec(index)
            try:
                await self._bus.nodes.add_worker(self._node, spec.address)
            except Unavailable as error:
                log.warning("worker_not_started", why=str(error))
                await asyncio.sleep(RESTART_AFTER_S)
                continue
            exit_code = await self._run_worker(spec)
            if not self._draining:
                log.error("worker_died", worker=spec.address, exit_code=exit_code)
            await self._bury(spec.address)
            await asyncio.sleep(0 if self._draining else RESTART_AFTER_S)

    def _spec(self, index: int) -> WorkerSpec:
        media = self._settings.media
        return WorkerSpec(
            settings=self._settings,
            node=self._node,
            sip_port=_free_udp_port(media.private_host, media.sip_port_min),
            rtp_port_min=media.rtp_port_min + index * media.rtp_ports_per_worker,
        )

    async def _run_worker(self, spec: WorkerSpec) -> int | None:
        ours, theirs = _forkserver.Pipe()
        process = _forkserver.Process(
            target=worker_main, args=(spec, theirs), name=f"worker {spec.address}"
        )
        await asyncio.to_thread(process.start)
        theirs.close()
        self._lifelines[spec.address] = ours
        try:
            await _exited(process)
        finally:
            del self._lifelines[spec.address]
            ours.close()
        process.join()
        return process.exitcode

    async def _bury(self, worker: WorkerAddress) -> None:
        """Close what a dead worker left; repeated until the bus has it."""
        while True:
            try:
                await close_worker(self._bus, worker)
                await self._bus.nodes.remove_worker(self._node, worker)
            except Unavailable as error:
                log.warning("worker_not_buried", worker=worker, why=str(error))
                await asyncio.sleep(RESTART_AFTER_S)
            else:
                return

    async def _drain(self, keepers: list[asyncio.Task[None]]) -> None:
        self._draining = True
        log.info("draining", workers=len(self._lifelines))
        self._order(DRAIN)
        timeout_s = self._settings.media.drain_timeout_s
        _, still_talking = await asyncio.wait(keepers, timeout=timeout_s)
        if still_talking:
            log.warning("drain_timed_out", workers=len(still_talking))
            self._order(STOP)
            await asyncio.wait(keepers, timeout=LAST_WORDS_S)
        for keeper in keepers:
            keeper.cancel()

    def _order(self, order: bytes) -> None:
        for lifeline in self._lifelines.values():
            with suppress(OSError):
                lifeline.send_bytes(order)

    # the queue

    async def _heartbeat(self) -> None:
        while True:
            with suppress(Unavailable):
                await self._bus.nodes.beat(self._node)
            await asyncio.sleep(self._settings.media.heartbeat_interval_ms / 1000)

    async def _listen_for_work(self) -> None:
        async for _ in self._bus.queue.wake():
            self._woken.set()

    async def _hand_out_work(self) -> None:
        """Start queued calls as their accounts' pace and the free slots allow."""
        poll_s = self._settings.queue.dispatch_poll_ms / 1000
        while not self._draining:
            self._woken.clear()
            wait_s = poll_s
            try:
                due = await self._bus.queue.dispatch()
                wait_s = min(poll_s, due.total_seconds()) if due is not None else poll_s
            except Unavailable as error:
                log.warning("queue_not_served", why=str(error))
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._woken.wait()


async def _exited(process: ForkServerProcess) -> None:
    """Returns when `process` has ended, without a thread."""
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    loop.add_reader(process.sentinel, gone.set)
    try:
        await gone.wait()
    finally:
        loop.remove_reader(process.sentinel)


def _free_udp_port(host: str, first: int) -> int:
    """The first free UDP port from `first` on; any free one when it is 0."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((host, first))
            except OSError:
                first += 1
                continue
            return int(probe.getsockname()[1])
