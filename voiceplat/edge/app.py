"""The process `voiceplat edge`: runs Kamailio, rtpengine, a Redis, by setting coturn.

It tells them of changes.
The lists of trunks outlive it on disk: with Redis away at start, the carriers of last
time are let in and called.
"""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final, Literal

import structlog

from voiceplat.bus.bus import Bus
from voiceplat.bus.directory import TrunkEntry
from voiceplat.bus.notebook import Notebook
from voiceplat.calls.trouble import Troubles
from voiceplat.core.errors import Unavailable
from voiceplat.core.settings import Settings
from voiceplat.edge import render
from voiceplat.edge.audio_ports import audio_ports
from voiceplat.edge.certificates import (
    BadCertificate,
    certificate_files,
    prepare_certificate,
)
from voiceplat.edge.child import Child
from voiceplat.edge.control import (
    RpcRefused,
    forget_call,
    kamailio_rpc,
    ping_rtpengine,
)
from voiceplat.edge.insight import EdgeInsight
from voiceplat.edge.lost_calls import end_calls_of, end_crossed
from voiceplat.edge.requirements import require_installed
from voiceplat.edge.sip_trace import TraceSocket, trace_socket, tracing
from voiceplat.edge.topology import TOPOLOGY_FOLDER, ping_topology, topology_command
from voiceplat.edge.trunk_watch import watch_trunks
from voiceplat.edge.trunks import address_list, dispatcher_list, resolve
from voiceplat.edge.turn import (
    CONFIGURATION,
    ping_turn,
    turn_command,
    turn_configuration,
)
from voiceplat.metrics.edge import EdgeFigures
from voiceplat.metrics.listener import Insight, shown

log = structlog.get_logger()

CHECK_TIMEOUT_S: Final = 20.0
RESOLVE_AGAIN_S: Final = 60.0
"""Carriers move; their names are looked up again this often."""
CERTIFICATE_CHECKED_S: Final = 5.0
"""How soon a certificate that somebody replaced is used."""


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with (
        running_edge(settings) as edge,
        shown(edge.insight(), settings.metrics, settings.metrics.edge_port),
    ):
        log.info("edge_ready", host=settings.sip.host, port=settings.sip.port)
        await stop.wait()


async def check(settings: Settings) -> None:
    """Raises what is wrong: NotInstalled, CannotConfigure, or Kamailio's own words."""
    require_installed(settings)
    folder = write_configuration(settings)
    process = await asyncio.create_subprocess_exec(
        *(
            "kamailio",
            "-c",
            "-E",
            "-f",
            str(folder / "kamailio.cfg"),
            "-Y",
            str(folder),
        ),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(CHECK_TIMEOUT_S):
        words, _ = await process.communicate()
    if process.returncode:
        raise render.CannotConfigure(words.decode(errors="replace").strip())


@asynccontextmanager
async def running_edge(settings: Settings) -> AsyncIterator["Edge"]:
    """All servers, answering; restarted when they die, ended at the end."""
    require_installed(settings)
    with audio_ports(settings.sip), trace_socket(settings) as at:
        to = render.TraceTo(at.port, at.key) if at else None
        folder = write_configuration(settings, to)
        async with (
            Bus.connect(settings.redis) as bus,
            _noting(at, settings, bus) as notebook,
            _running(Edge(settings, folder, bus, notebook)) as edge,
        ):
            yield edge


@asynccontextmanager
async def _running(edge: "Edge") -> AsyncIterator["Edge"]:
    await edge.take_trunks()
    try:
        for server in edge.servers:
            await server.start()
        async with asyncio.TaskGroup() as keeping:
            tasks = [
                *(keeping.create_task(it.keep()) for it in edge.servers),
                keeping.create_task(edge.follow_directory()),
                keeping.create_task(edge.follow_names()),
                keeping.create_task(edge.follow_workers()),
                keeping.create_task(edge.follow_browsers()),
                keeping.create_task(edge.follow_certificate()),
                keeping.create_task(edge.tell_states()),
            ]
            yield edge
            for task in tasks:
                task.cancel()
    finally:
        for server in reversed(edge.servers):
            await server.stop()


@asynccontextmanager
async def _noting(
    at: TraceSocket | None, settings: Settings, bus: Bus
) -> AsyncIterator[Notebook]:
    """What the edge sees is noted while the block runs."""
    notebook = Notebook(bus, settings.timeline)
    async with tracing(at, settings, notebook, bus.timelines.calls_of) as trace:
        tasks = [asyncio.create_task(notebook.run())]
        if trace is not None:
            tasks.append(asyncio.create_task(trace.follow_dialogs()))
        try:
            yield notebook
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    with suppress(Unavailable):
        await notebook.flush()


class Edge:
    def __init__(
        self, settings: Settings, folder: Path, bus: Bus, troubles: Troubles
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._bus = bus
        self._troubles = troubles
        self._trunks: list[TrunkEntry] = []
        self._state_interval_ms = settings.sip.trunk_state_interval_ms
        self._certificate = certificate_files(settings).content()
        """What the servers show; noted before they run, so that no change is missed."""
        self._rpc = partial(kamailio_rpc, folder / render.RPC_SOCKET)
        self._forget = partial(
            forget_call, settings.sip.private_host, settings.sip.rtpengine_port
        )
        self._private = f"udp:{settings.sip.private_host}:{settings.sip.private_port}"
        self._figures = EdgeFigures()
        died = self._figures.restarts.labels
        self.topology = Child(
            "redis-server",
            topology_command(folder),
            partial(ping_topology, folder),
            died=lambda: died("redis-server").inc(),
        )
        self.kamailio = Child(
            "kamailio",
            render.kamailio_command(settings, folder),
            partial(self._rpc, "core.uptime"),
            died=lambda: died("kamailio").inc(),
        )
        self.rtpengine = Child(
            "rtpengine",
            render.rtpengine_command(settings),
            partial(
                ping_rtpengine, settings.sip.private_host, settings.sip.rtpengine_port
            ),
            died=lambda: died("rtpengine").inc(),
        )
        self.turn = Child(
            "turnserver",
            turn_command(folder),
            partial(ping_turn, settings.sip.host, settings.turn.port),
            died=lambda: died("turnserver").inc(),
        )
        # Kamailio asks for the others when it starts
        self.servers = [self.topology, self.rtpengine, self.kamailio]
        if settings.turn.port:
            self.servers.append(self.turn)

    def insight(self) -> Insight:
        """What is shown of the edge."""
        topology = partial(ping_topology, self._folder)
        sip = self._settings.sip
        seen = EdgeInsight(self._figures, self._bus, self._rpc, topology, sip)

        async def look() -> None:
            pids = {it.name: it.pid for it in self.servers}
            await seen.look(self._trunks, pids)

        return Insight(self._figures, seen.needs(), look)

    async def take_trunks(self) -> bool:
        """Write the lists anew; whether they differ from what was there."""
        try:
            self._trunks = await self._bus.directory.trunks()
        except Unavailable as error:
            log.warning("trunks_unknown", why=str(error))
            return False
        return await self._write_trunks()

    async def follow_directory(self) -> None:
        async for _ in self._bus.directory.changes():
            if await self.take_trunks():
                await self._reload()

    async def follow_names(self) -> None:
        while True:
            await asyncio.sleep(RESOLVE_AGAIN_S)
            if await self._write_trunks():
                await self._reload()

    async def follow_workers(self) -> None:
        """Hang up on the far ends of each worker that is found dead."""
        async with asyncio.TaskGroup() as ending:
            async for worker in self._bus.nodes.lost():
                ending.create_task(self._end_calls("worker", worker))

    async def follow_browsers(self) -> None:
        """Hang up on those who talked to a browser that is gone and stays away.

        A browser that connected again has taken its call along: it is filed under its
        new connection.
        """
        async with asyncio.TaskGroup() as waiting:
            async for connection in self._bus.browsers.closed():
                waiting.create_task(self._end_unless_back(connection))

    async def _end_unless_back(self, connection: str) -> None:
        await asyncio.sleep(self._settings.sip.reconnect_within_s)
        await self._end_calls("connection", connection)

    async def _end_calls(
        self, who: Literal["worker", "connection"], address: str
    ) -> None:
        try:
            ended = await end_calls_of(
                who, address, self._rpc, self._forget, self._private
            )
            if ended.count:
                log.warning("calls_ended", of=who, address=address, count=ended.count)
            await end_crossed(address, ended.cancelled, self._rpc)
        except (Unavailable, RpcRefused) as error:
            log.warning("calls_not_ended", of=who, address=address, why=str(error))

    async def follow_certificate(self) -> None:
        """Renew our own in time; tell Kamailio when the files have changed."""
        while True:
            await asyncio.sleep(CERTIFICATE_CHECKED_S)
            try:
                now = prepare_certificate(self._settings).content()
                if now != self._certificate:
                    await self._rpc("tls.reload")
                    self.turn.send_signal(signal.SIGUSR2)  # the same to coturn
                    log.info("certificate_reloaded")
                    self._certificate = now
            except (BadCertificate, OSError, Unavailable, RpcRefused) as error:
                log.warning("certificate_not_reloaded", why=str(error))

    async def tell_states(self) -> None:
        await watch_trunks(
            self._bus,
            self._rpc,
            lambda: {trunk.id: trunk.name for trunk in self._trunks},
            self._troubles,
            timedelta(milliseconds=self._state_interval_ms),
        )

    async def _write_trunks(self) -> bool:
        trunks = await resolve(self._trunks)
        changed = [
            _write(self._folder / render.DISPATCHER_LIST, dispatcher_list(trunks)),
            _write(self._folder / render.ADDRESS_LIST, address_list(trunks)),
        ]
        return any(changed)

    async def _reload(self) -> None:
        """A Kamailio that is just starting reads the new lists anyway."""
        try:
            await self._rpc("dispatcher.reload")
            await self._rpc("permissions.addressReload")
        except (Unavailable, RpcRefused) as error:
            log.warning("trunks_not_reloaded", why=str(error))
        else:
            log.info("trunks_reloaded", count=len(self._trunks))


def write_configuration(
    settings: Settings, trace: render.TraceTo | None = None
) -> Path:
    """Write all that Kamailio reads below the data folder; returns where."""
    folder = (settings.data / "edge").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    (folder / TOPOLOGY_FOLDER).mkdir(exist_ok=True)
    prepare_certificate(settings)
    for name, text in render.kamailio_files(settings, folder, trace).items():
        _write(folder / name, text)
    if settings.turn.port:
        _write(folder / CONFIGURATION, turn_configuration(settings, folder))
    for name in (render.DISPATCHER_LIST, render.ADDRESS_LIST):
        if not (folder / name).exists():
            _write(folder / name, "")
    return folder


def _write(file: Path, text: str) -> bool:
    """Whether that changed anything; readers see the old text or the new."""
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return False
    fresh = file.with_suffix(".new")
    fresh.write_text(text, encoding="utf-8")
    fresh.chmod(0o600)
    fresh.replace(file)
    return True
