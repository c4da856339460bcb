"""`voiceplat api` as a process: it serves, and ends drained on SIGTERM."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.servers.free_ports import free_port
from tests.servers.redis import RedisServer
from voiceplat.core.sealing import new_secret_key

pytestmark = pytest.mark.redis

_COMMAND = (sys.executable, "-m", "voiceplat")


@pytest.fixture
def environment(redis: RedisServer, tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,  # noqa: TID251 - the child's own
        "VOICEPLAT_API__PORT": str(free_port()),
        "VOICEPLAT_DATABASE__URL": f"sqlite:///{tmp_path}/voiceplat.db",
        "VOICEPLAT_REDIS__URL": redis.url,
        "VOICEPLAT_SECURITY__SECRET_KEY": new_secret_key(),
    }


@pytest.fixture
def process(
    environment: dict[str, str], tmp_path: Path
) -> Iterator[subprocess.Popen[bytes]]:
    subprocess.run([*_COMMAND, "migrate"], check=True, env=environment, cwd=tmp_path)
    with (tmp_path / "log").open("wb") as output:
        started = subprocess.Popen(
            [*_COMMAND, "api"],
            env=environment,
            cwd=tmp_path,
            stdout=output,
            stderr=output,
        )
    yield started
    started.kill()
    started.wait()


def until_ready(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            if httpx.get(url).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail("the API did not become ready")


def test_it_serves_and_ends_with_status_0_on_sigterm(
    process: subprocess.Popen[bytes], environment: dict[str, str], tmp_path: Path
) -> None:
    until_ready(f"http://127.0.0.1:{environment['VOICEPLAT_API__PORT']}/readyz")

    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=20) == 0
    log = (tmp_path / "log").read_text()
    assert "api_drains" in log
    assert "Traceback" not in log
