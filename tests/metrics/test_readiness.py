"""A process says when what it needs is away, and when it is back."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest
import sqlalchemy as sa

from tests.servers.free_ports import free_port
from tests.servers.postgres import fresh_database, postgres_server
from tests.servers.redis import RedisServer
from tests.servers.scrape import scrape, until_ready
from voiceplat.core.sealing import new_secret_key
from voiceplat.core.settings import DatabaseSettings
from voiceplat.db.migrate import upgrade

pytestmark = [pytest.mark.redis, pytest.mark.postgres, pytest.mark.fault]

ENDED_WITHIN_S = 20


@contextmanager
def ledger(folder: Path, redis: str, database: str) -> Iterator[str]:
    """A ledger of its own process; where it shows its figures."""
    port = free_port()
    own = {
        "DATA": str(folder),
        "DATABASE__URL": database,
        "REDIS__URL": redis,
        "SECURITY__SECRET_KEY": new_secret_key(),
        "METRICS__LEDGER_PORT": str(port),
        "MEDIA__DRAIN_TIMEOUT_S": "1",
    }
    settings = {f"VOICEPLAT_{name}": value for name, value in own.items()}
    with (folder / "ledger.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "voiceplat", "ledger"],
            env={"PATH": os.defpath} | settings,
            cwd=folder,
            stderr=log,
        )
    try:
        yield f"http://127.0.0.1:{port}/metrics"
    finally:
        process.terminate()
        process.wait(ENDED_WITHIN_S)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture
async def database(server: str) -> AsyncIterator[str]:
    async with fresh_database(server) as url:
        await upgrade(DatabaseSettings(url=url))
        yield url


async def shut(server: str, database: str, *, shut: bool) -> None:
    """Let nobody into the database, and throw out who is there; or let all in."""
    url, name = sa.make_url(server), sa.make_url(database).database
    host = str(url.query["host"])
    admin = await asyncpg.connect(host=host, user="postgres", database="postgres")
    await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {not shut}')
    if shut:
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
            name,
        )
    await admin.close()


async def test_redis_goes_and_comes_back(
    tmp_path: Path, redis: RedisServer, database: str
) -> None:
    with ledger(tmp_path, redis.url, database) as figures:
        await until_ready(figures, 200)
        redis.kill()
        why = await until_ready(figures, 503, "redis")
        away = await scrape({"ledger": figures})
        redis.start()
        await until_ready(figures, 200)
        back = await scrape({"ledger": figures})

    assert "Redis is not reachable" in why
    up = "voiceplat_dependency_up"
    assert (away.value(up, part="redis"), away.value(up, part="database")) == (0, 1)
    assert back.value(up, part="redis") == 1


async def test_the_database_goes_and_comes_back(
    tmp_path: Path, redis: RedisServer, server: str, database: str
) -> None:
    with ledger(tmp_path, redis.url, database) as figures:
        await until_ready(figures, 200)
        await shut(server, database, shut=True)
        why = await until_ready(figures, 503, "database")
        await shut(server, database, shut=False)
        await until_ready(figures, 200)

    assert "redis" not in why
