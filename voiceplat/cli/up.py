"""`voiceplat up`: the whole platform on this machine, in one terminal.

A Redis of its own, SQLite, and every process as a child; all that is written lies
below one folder. Children log there; what a person needs is printed.
"""

import asyncio
import json
import shutil
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer

from voiceplat.bus.bus import Bus
from voiceplat.cli import readiness
from voiceplat.cli.children import (
    CannotListen,
    Child,
    ChildFailed,
    free_port,
    listening,
    port_or_other,
    require_free,
)
from voiceplat.cli.first_start import (
    CannotUse,
    Home,
    prepare_home,
    sole_use,
    write_config,
)
from voiceplat.core.log import configure_logging
from voiceplat.core.metrics_settings import MetricsSettings
from voiceplat.core.race import first_of
from voiceplat.core.settings import Settings, SpeechSettings, use_config
from voiceplat.core.sip_settings import SipSettings
from voiceplat.db.engine import Database
from voiceplat.db.migrate import upgrade
from voiceplat.services.first_account import Credentials, first_account
from voiceplat.services.sync_directory import rebuild

READY_WITHIN_S: Final = 60.0
STOP_WITHIN_S: Final = 10.0


async def run_up(data: Path, api: str, sip: str, *, as_json: bool) -> int:
    """Serve until SIGTERM or Ctrl-C; a second one ends live calls at once.

    Exit status: 0 drained, 1 a part failed.
    """
    configure_logging("up", "warning", "text")
    stop = asyncio.Event()
    children: list[Child] = []

    def told_to_stop() -> None:
        for child in children:
            child.hurry()
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop)
    try:
        home = await asyncio.to_thread(prepare_home, data)
        async with AsyncExitStack() as running:
            lock = running.enter_context(sole_use(home))
            settings = use_config(_config(home, api, sip))
            door = listening("REST API, --api", settings.api.host, settings.api.port)
            running.enter_context(door)
            require_free("SIP, --sip", settings.sip.host, settings.sip.port)
            parts = Parts(home, settings, lock, door.fileno(), children, running)
            await first_of(stop.wait(), _serve(parts, as_json=as_json))
            if not as_json:
                typer.echo("\nstopping: live calls may finish (again: at once)")
    except (ChildFailed, CannotListen, CannotUse, readiness.NotReady) as error:
        typer.secho(str(error), err=True, fg="red")
        return 1
    return 0


@dataclass(frozen=True, slots=True)
class Parts:
    """What runs, and what it runs on."""

    home: Home
    settings: Settings
    lock: int
    """File descriptor; who has it open keeps others out of the folder."""
    door: int
    """File descriptor of the socket that the API listens on, whenever it starts."""
    children: list[Child]
    running: AsyncExitStack


async def _serve(parts: Parts, *, as_json: bool) -> None:
    """Start all, say so, keep all running; raises ChildFailed when one keeps dying."""
    await _start(parts)
    credentials = await _first_credentials(parts.settings)
    ready = _ready_json(parts.settings, credentials) if as_json else ""
    typer.echo(ready or _ready_text(parts.settings, credentials, parts.home))
    await first_of(*(child.keep() for child in parts.children))


def _config(home: Home, api: str, sip: str) -> Path:
    """The settings of every process, where the user's own environment says nothing."""
    api_host, _, api_port = api.rpartition(":")
    sip_host, _, sip_port = sip.rpartition(":")
    return write_config(
        home,
        {
            "": {"data": str(home.data)},
            "api": {"host": api_host, "port": int(api_port)},
            "database": {"url": f"sqlite+aiosqlite:///{home.data / 'voiceplat.db'}"},
            "media": {"sip_port_min": 0},
            "metrics": _metrics_ports(),
            "redis": {"url": f"redis://127.0.0.1:{free_port()}/0"},
            "security": {"secret_key": home.secret_key(), "allow_private_urls": True},
            "sip": {
                "host": sip_host,
                "port": int(sip_port),
                "tls_port": port_or_other(sip_host, SipSettings().tls_port),
                "wss_port": port_or_other(sip_host, SipSettings().wss_port),
                "ws_port": port_or_other("127.0.0.1", SipSettings().ws_port),
                "private_port": free_port(),
                "rtpengine_port": free_port(),
            },
            "speech": {
                "socket": str(home.speech_socket),
                "models": str(SpeechSettings().models.resolve()),
            },
        },
    )


def _metrics_ports() -> dict[str, int]:
    """The usual ones, or others where another platform has them."""
    usual = MetricsSettings()
    return {
        f"{process}_port": port_or_other(usual.host, port)
        for process, port in usual.ports.items()
    }


async def _start(parts: Parts) -> None:
    """Every part, in an order in which each finds what it needs; ended in reverse."""
    home, settings = parts.home, parts.settings

    async def start(
        name: str,
        *argv: str,
        stop_within_s: float = STOP_WITHIN_S,
        holds: tuple[int, ...] = (),
    ) -> Child:
        child = Child(name, argv, home.logs, holds=holds)
        await child.start()
        parts.running.push_async_callback(child.stop, stop_within_s)
        parts.children.append(child)
        return child

    async def ready(check: readiness.Check, child: Child) -> None:
        await first_of(
            child.failed(), readiness.until_ready(check, settings, READY_WITHIN_S)
        )

    ours = (sys.executable, "-m", "voiceplat")
    redis = await start("redis", *_redis_command(home, settings), holds=(parts.lock,))
    await ready(readiness.redis_answers, redis)
    await upgrade(settings.database)
    async with (
        Database.open(settings.database) as db,
        Bus.connect(settings.redis) as bus,
    ):
        await rebuild(db, bus)
    speech = await start("speech", *ours, "speech")
    edge = await start("edge", *ours, "edge")
    await start("ledger", *ours, "ledger")
    door = parts.door
    api = await start("api", *ours, "api", "--fd", str(door), holds=(door,))
    await start("archive", *ours, "archive")
    drain_s = settings.media.drain_timeout_s + STOP_WITHIN_S
    media = await start("media", *ours, "media", stop_within_s=drain_s)
    await asyncio.gather(
        ready(readiness.speech_answers, speech),
        ready(readiness.edge_answers, edge),
        ready(readiness.api_answers, api),
        ready(readiness.slots_are_offered, media),
    )


def _redis_command(home: Home, settings: Settings) -> tuple[str, ...]:
    program = shutil.which("redis-server") or "redis-server"
    port = settings.redis.url.rpartition(":")[2].partition("/")[0]
    return (
        program,
        *("--bind", "127.0.0.1", "--port", port, "--dir", str(home.redis)),
        *("--appendonly", "yes", "--appendfsync", "always", "--save", ""),
    )


async def _first_credentials(settings: Settings) -> Credentials:
    """The credentials of the first account, which is made on the first start."""
    async with (
        Database.open(settings.database) as db,
        Bus.connect(settings.redis) as bus,
    ):
        return await first_account(db, bus, settings.security)


def _ready_json(settings: Settings, credentials: Credentials) -> str:
    """One line; its names are a promise to other tools."""
    api = f"http://{settings.api.host}:{settings.api.port}"
    return json.dumps(
        {
            "api": api,
            "sip": f"{settings.sip.host}:{settings.sip.port}",
            "auth_id": credentials.auth_id,
            "auth_token": credentials.auth_token,
            "console": f"{api}/console/",
            "wss": f"wss://{settings.sip.host}:{settings.sip.wss_port}",
            "metrics": {
                process: f"http://{settings.metrics.host}:{port}/metrics"
                for process, port in settings.metrics.ports.items()
            },
        }
    )


def _ready_text(settings: Settings, credentials: Credentials, home: Home) -> str:
    api = f"http://{settings.api.host}:{settings.api.port}"
    return "\n".join(
        (
            "voiceplat is ready.",
            f"  REST API    {api}/v1/   (try it: {api}/docs)",
            f"  console     {api}/console/   (log in as below)",
            f"  web phone   {api}/console/phone",
            f"  SIP         {settings.sip.host}:{settings.sip.port}, UDP and TCP",
            f"  SIP by TLS  {settings.sip.host}:{settings.sip.tls_port}",
            f"  SIP domain  {settings.sip.domain}",
            f"  auth_id     {credentials.auth_id}",
            f"  auth_token  {credentials.auth_token}",
            f"  logs        {home.logs}",
            "Ctrl-C ends it; live calls may finish first.",
        )
    )
