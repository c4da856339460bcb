"""An API on a socket that outlives it: what comes meanwhile waits, and is served."""

import asyncio
import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.servers.free_ports import free_port
from tests.servers.redis import RedisServer

pytestmark = [pytest.mark.redis, pytest.mark.real_time]

WITHIN_S = 60
ASKERS = 4
RESTARTS = 2


@contextmanager
def api_process(
    door: socket.socket, redis: RedisServer, data: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """`voiceplat api --fd`; killed if it still runs afterwards."""
    fd = door.fileno()
    process = subprocess.Popen(
        [sys.executable, "-m", "voiceplat", "api", "--fd", str(fd)],
        pass_fds=[fd],
        cwd=data,
        env={
            "PATH": os.environ["PATH"],  # noqa: TID251 - of the test, no setting
            "VOICEPLAT_DATABASE__URL": f"sqlite+aiosqlite:///{data}/voiceplat.db",
            "VOICEPLAT_METRICS__API_PORT": str(free_port()),
            "VOICEPLAT_REDIS__URL": redis.url,
        },
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def test_no_connection_is_refused_while_the_api_restarts(
    redis: RedisServer, tmp_path: Path
) -> None:
    statuses: Counter[int] = Counter()
    done = asyncio.Event()

    async def ask(client: httpx.AsyncClient) -> None:
        while not done.is_set():
            answer = await client.get("/healthz", headers={"Connection": "close"})
            statuses[answer.status_code] += 1

    async def until_served() -> None:
        before = statuses.total()
        while statuses.total() < before + 2 * ASKERS:  # noqa: ASYNC110 - of requests
            await asyncio.sleep(0.02)

    with socket.create_server(("127.0.0.1", 0)) as door:
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
        async with (
            httpx.AsyncClient(base_url=url, timeout=WITHIN_S) as client,
            asyncio.TaskGroup() as tasks,
        ):
            askers = [tasks.create_task(ask(client)) for _ in range(ASKERS)]
            for _ in range(RESTARTS):
                with api_process(door, redis, tmp_path) as api:
                    await until_served()
                    api.terminate()
                    assert await asyncio.to_thread(api.wait, WITHIN_S) == 0
            with api_process(door, redis, tmp_path):
                await until_served()
                done.set()
                await asyncio.gather(*askers)

    assert statuses.keys() == {200}
