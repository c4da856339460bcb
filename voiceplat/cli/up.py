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
from pathlib import Path
from socket import SOCK_DGRAM
from typing import Final

import typer

from voiceplat.bus.bus import Bus
from voiceplat.cli import readiness
from voiceplat.cli.children import Child, ChildFailed, free_port
from voiceplat.cli.first_start import Home, prepare_home, write_config
from voiceplat.core.log import configure_logging
from voiceplat.core.settings import Settings, SpeechSettings, use_config
from voiceplat.db.engine import Database
from voiceplat.db.migrate import upgrade
from voiceplat.services.first_account import Credentials, first_account
from voiceplat.services.sync_directory import rebuild

READY_WITHIN_S: Final = 60.0
STOP_WITHIN_S: Final = 10.0


async def run_up(data: Path, api: str, sip: str, *, as_json: bool) -> int:
    """Serve until SIGTERM or Ctrl-C. Exit status: 0 drained, 1 a part failed."""
    configure_logging("up", "warning", "text")
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    home = await asyncio.to_thread(prepare_home, data)
    settings = use_config(_config(home, api, sip))
    try:
        async with AsyncExitStack() as running:
            children = await _start(home, settings, running)
            credentials = await _first_credentials(settings)
            ready = _ready_json(settings, credentials) if as_json else ""
            typer.echo(ready or _ready_text(settings, credentials, home))
            await _until(stop, children)
            if not as_json:
                typer.echo("\nstopping: live calls may finish, none is taken any more")
    except (ChildFailed, readiness.NotReady) as error:
        typer.secho(str(error), err=True, fg="red")
        return 1
    return 0


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
            "redis": {"url": f"redis://127.0.0.1:{free_port()}/0"},
            "security": {"secret_key": home.secret_key(), "allow_private_urls": True},
            "sip": {
                "host": sip_host,
                "port": int(sip_port),
                "private_port": free_port(SOCK_DGRAM),
                "rtpengine_port": free_port(SOCK_DGRAM),
            },
            "speech": {
                "socket": str(home.speech_socket),
                "models": str(SpeechSettings().models.resolve()),
            },
        },
    )


async def _start(
    home: Home, settings: Settings, running: AsyncExitStack
) -> list[Child]:
    """Every part, in an order in which each finds what it needs; ended in reverse."""

    async def start(
        name: str, *argv: str, stop_within_s: float = STOP_WITHIN_S
    ) -> Child:
        child = Child(name, argv, home.logs)
        await child.start()
        running.push_async_callback(child.stop, stop_within_s)
        return child

    async def ready(check: readiness.Check, child: Child) -> None:
        failed = asyncio.create_task(child.failed())
        asked = asyncio.create_task(
            readiness.until_ready(check, settings, READY_WITHIN_S)
        )
        await asyncio.wait({failed, asked}, return_when=asyncio.FIRST_COMPLETED)
        first, other = (asked, failed) if asked.done() else (failed, asked)
        other.cancel()
        await first

    ours = (sys.executable, "-m", "voiceplat")
    redis = await start("redis", *_redis_command(home, settings))
    await ready(readiness.redis_answers, redis)
    await upgrade(settings.database)
    async with (
        Database.open(settings.database) as db,
        Bus.connect(settings.redis) as bus,
    ):
        await rebuild(db, bus)
    speech = await start("speech", *ours, "speech")
    edge = await start("edge", *ours, "edge")
    ledger = await start("ledger", *ours, "ledger")
    api = await start("api", *ours, "api")
    drain_s = settings.media.drain_timeout_s + STOP_WITHIN_S
    media = await start("media", *ours, "media", stop_within_s=drain_s)
    await asyncio.gather(
        ready(readiness.speech_answers, speech),
        ready(readiness.edge_answers, edge),
        ready(readiness.api_answers, api),
        ready(readiness.slots_are_offered, media),
    )
    return [redis, speech, edge, ledger, api, media]


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


async def _until(stop: asyncio.Event, children: list[Child]) -> None:
    """Until `stop`; raises ChildFailed when a part keeps dying."""
    stopped = asyncio.create_task(stop.wait())
    kept = [asyncio.create_task(child.keep()) for child in children]
    done, rest = await asyncio.wait(
        {stopped, *kept}, return_when=asyncio.FIRST_COMPLETED
    )
    for task in rest:
        task.cancel()
    for task in done:
        await task


def _ready_json(settings: Settings, credentials: Credentials) -> str:
    """One line; its names are a promise to other tools."""
    api = f"http://{settings.api.host}:{settings.api.port}"
    return json.dumps(
        {
            "api": api,
            "sip": f"{settings.sip.host}:{settings.sip.port}",
            "auth_id": credentials.auth_id,
            "auth_token": credentials.auth_token,
            "console": f"{api}/docs",
        }
    )


def _ready_text(settings: Settings, credentials: Credentials, home: Home) -> str:
    api = f"http://{settings.api.host}:{settings.api.port}"
    return "\n".join(
        (
            "voiceplat is ready.",
            f"  REST API    {api}/v1/   (try it: {api}/docs)",
            f"  SIP         {settings.sip.host}:{settings.sip.port}, UDP and TCP",
            f"  SIP domain  {settings.sip.domain}",
            f"  auth_id     {credentials.auth_id}",
            f"  auth_token  {credentials.auth_token}",
            f"  logs        {home.logs}",
            "Ctrl-C ends it; live calls may finish first.",
        )
    )
