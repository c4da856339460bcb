"""A host's call workers: starts them, replaces the dead, hands them the queue.

Its mixers are started beside them, when a worker asks for one.
"""

import asyncio
import socket
from contextlib import suppress
from typing import Final

import structlog

from voiceplat.bus.bus import Bus
from voiceplat.bus.reaping import reap_node, reap_worker
from voiceplat.calls.trouble import PLATFORM, Trouble, TroubleKind
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import Unavailable
from voiceplat.core.ids import NodeId, WorkerAddress
from voiceplat.core.race import first_of
from voiceplat.core.settings import Settings
from voiceplat.links.lifeline import DRAIN, STOP
from voiceplat.media.insight import take
from voiceplat.media.mixers import Mixers
from voiceplat.media.worker import WorkerSpec
from voiceplat.media.worker_process import WorkerProcess
from voiceplat.metrics.media import MediaFigures
from voiceplat.metrics.told import FIGURE

log = structlog.get_logger()

RESTART_AFTER_S: Final = 0.5
LAST_WORDS_S: Final = 6.0
"""How long a worker may take to hang up its calls after STOP."""


class Supervisor:
    def __init__(
        self, settings: Settings, node: NodeId, bus: Bus, figures: MediaFigures
    ) -> None:
        self._settings = settings
        self._node = node
        self._bus = bus
        self._workers: dict[int, WorkerProcess] = {}
        self._figures = figures
        self._mixers = Mixers(
            settings, bus, self._hear, died=lambda: self._died("mixer")
        )
        self._draining = asyncio.Event()
        self._woken = asyncio.Event()

    async def run(self, stop: asyncio.Event, hurry: asyncio.Event) -> None:
        """Serve until `stop`, then drain until `hurry`, at most `drain_timeout_s`."""
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
            await self._drain(keepers, hurry)
            for task in serving:
                task.cancel()
        with suppress(Unavailable):
            await reap_node(self._bus, self._node)  # with what no keeper could bury

    # for those who look at it

    @property
    def workers(self) -> list[WorkerAddress]:
        """Those that run."""
        return [it.spec.address for it in self._workers.values() if it.pid]

    @property
    def draining(self) -> bool:
        return self._draining.is_set()

    def pids(self) -> dict[str, list[int]]:
        """Of its processes, by kind."""
        workers = [it.pid for it in self._workers.values() if it.pid]
        return {"worker": workers, "mixer": self._mixers.pids}

    def _hear(self, message: bytes) -> None:
        """A worker or mixer tells a figure, or a worker asks for a mixer."""
        if message.startswith(FIGURE):
            take(self._figures, message)
        else:
            self._mixers.make(message)

    def _died(self, kind: str) -> None:
        self._figures.deaths.labels(kind).inc()

    # workers

    async def _keep_worker(self, index: int) -> None:
        """Keep one worker running, a new one for each that dies."""
        while not self._draining.is_set():
            worker = WorkerProcess(self._spec(index), self._hear)
            self._workers[index] = worker
            address = worker.spec.address
            try:
                await reap_worker(self._bus, address)  # of a node that crashed here
                await self._bus.nodes.add_worker(self._node, address)
                exit_code = await worker.run()
            except Unavailable as error:
                log.warning("worker_not_started", why=str(error))
            else:
                if not self._draining.is_set():
                    log.error("worker_died", worker=address, exit_code=exit_code)
                    self._died("worker")
                    await self._tell_death(address)
                await self._bury(address)
            finally:
                del self._workers[index]
            await asyncio.sleep(0 if self._draining.is_set() else RESTART_AFTER_S)

    async def _tell_death(self, worker: WorkerAddress) -> None:
        with suppress(Unavailable):
            calls = len(await self._bus.live.held_by(worker))
            await self._bus.troubles.add(
                Trouble(
                    at=utc_now(),
                    account=PLATFORM,
                    kind=TroubleKind.WORKER,
                    text=f"call worker {worker} died; it had {calls} calls",
                )
            )

    def _spec(self, index: int) -> WorkerSpec:
        media = self._settings.media
        return WorkerSpec(
            settings=self._settings,
            node=self._node,
            sip_port=self._free_port(),
            rtp_port_min=media.rtp_port_min + index * media.rtp_ports_per_worker,
        )

    def _free_port(self) -> int:
        """A UDP port that nobody has, from `sip_port_min` on; any when that is 0."""
        media = self._settings.media
        ours = {worker.spec.sip_port for worker in self._workers.values()}
        port = media.sip_port_min
        while True:
            with (
                socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe,
                suppress(OSError),
            ):
                probe.bind((media.private_host, port))
                found: int = probe.getsockname()[1]
                if found not in ours:
                    return found
            port += 1 if port else 0

    async def _bury(self, worker: WorkerAddress) -> None:
        """Close what a dead worker left; repeated until the bus has it.

        A node that ends itself does not wait for the bus: the ledger will notice.
        """
        while True:
            try:
                reaped = await reap_worker(self._bus, worker)
                await self._bus.nodes.remove_worker(self._node, worker)
            except Unavailable as error:
                log.warning("worker_not_buried", worker=worker, why=str(error))
                if self._draining.is_set():
                    return
                await asyncio.sleep(RESTART_AFTER_S)
            else:
                if reaped.ended or reaped.requeued:
                    log.warning(
                        "worker_buried",
                        worker=worker,
                        ended=reaped.ended,
                        requeued=reaped.requeued,
                    )
                return

    async def _drain(
        self, keepers: list[asyncio.Task[None]], hurry: asyncio.Event
    ) -> None:
        self._draining.set()
        log.info("draining", workers=len(self._workers))
        self._order(DRAIN)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._settings.media.drain_timeout_s):
                await first_of(self._until_gone(keepers), hurry.wait())
        still_talking = [keeper for keeper in keepers if not keeper.done()]
        if still_talking or len(self._mixers):
            log.warning(
                "drain_cut_short", workers=len(still_talking), mixers=len(self._mixers)
            )
            self._order(STOP)
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS_S):
                    await self._until_gone(keepers)
        for keeper in keepers:
            keeper.cancel()

    async def _until_gone(self, keepers: list[asyncio.Task[None]]) -> None:
        await asyncio.wait(keepers)
        await self._mixers.until_gone()

    def _order(self, order: bytes) -> None:
        for worker in self._workers.values():
            worker.order(order)
        self._mixers.order(order)

    # the queue

    async def _heartbeat(self) -> None:
        known = False
        while True:
            with suppress(Unavailable):
                known = await self._bus.nodes.beat(self._node) and known
                if not known:
                    await self._introduce_workers()
                    known = True
            await asyncio.sleep(self._settings.media.heartbeat_interval_ms / 1000)

    async def _introduce_workers(self) -> None:
        """The bus did not know this node, or took it for dead."""
        for worker in list(self._workers.values()):
            await self._bus.nodes.add_worker(self._node, worker.spec.address)

    async def _listen_for_work(self) -> None:
        async for _ in self._bus.queue.wake():
            self._woken.set()

    async def _hand_out_work(self) -> None:
        """Start queued calls as their accounts' pace and the free slots allow."""
        poll_s = self._settings.queue.dispatch_poll_ms / 1000
        while not self._draining.is_set():
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
