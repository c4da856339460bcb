"""`voiceplat api` as a process: it serves, and ends drained on SIGTERM."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.servers.free_ports import free_port
from tests.servers.redis import RedisServer
from voiceplat.api.impatience import HEAD_MAX, HEAD_WITHIN_S
from voiceplat.core.sealing import new_secret_key

pytestmark = pytest.mark.redis

SERVED = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n"
"""A whole request, and the beginning of another."""
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


def test_a_client_that_never_ends_its_request_is_left_alone(
    process: subprocess.Popen[bytes], environment: dict[str, str]
) -> None:
    """By hundreds of connections: everybody else is answered meanwhile."""
    port = int(environment["VOICEPLAT_API__PORT"])
    url = f"http://127.0.0.1:{port}/readyz"
    until_ready(url)
    with ExitStack() as stack:
        slow = [connected(stack, port) for _ in range(300)]
        for number, connection in enumerate(slow):
            connection.sendall((b"", b"GET / HTTP/1.1\r\nX-", SERVED)[number % 3])

        assert httpx.get(url).status_code == httpx.codes.OK
        for connection in slow:
            assert is_over(connection)


def test_a_head_without_end_is_not_kept(
    process: subprocess.Popen[bytes], environment: dict[str, str]
) -> None:
    port = int(environment["VOICEPLAT_API__PORT"])
    until_ready(f"http://127.0.0.1:{port}/readyz")
    for head in (b"GET / HTTP/1.1\r\nX: ", b"GET /", SERVED + b"X: "):
        with ExitStack() as stack:
            connection = connected(stack, port)
            connection.sendall(head)

            with pytest.raises(ConnectionError):
                pour(connection, 200 * HEAD_MAX)


def pour(connection: socket.socket, count: int) -> None:
    for _ in range(count // 1024):
        connection.sendall(b"a" * 1024)


def connected(stack: ExitStack, port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), HEAD_WITHIN_S * 3)
    return stack.enter_context(made)


def is_over(connection: socket.socket) -> bool:
    """Whether it ends, after whatever was said."""
    try:
        while connection.recv(65536):
            pass
    except ConnectionError:
        pass
    return True
