"""A real redis-server of the tests' own: append-only file on, can be killed."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.servers.free_ports import free_port

_START_TIMEOUT_S = 20
PATIENCE = {"connect_timeout_ms": 20_000, "command_timeout_ms": 20_000}
"""Settings of who asks it beside other tests: a busy machine is not a Redis away."""


def find_binary() -> str | None:
    return shutil.which("redis-server")


class RedisServer:
    """Every write is on disk before it is answered, so `kill` may lose nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.socket = folder / "redis.sock"
        """A second way to it."""

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        """Returns when it answers; what it wrote before is there again."""
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    find_binary() or "redis-server",
                    *("--bind", "127.0.0.1", "--port", str(self._port)),
                    *("--unixsocket", str(self.socket)),
                    *("--dir", str(self._folder), "--save", ""),
                    *("--appendonly", "yes", "--appendfsync", "always"),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + _START_TIMEOUT_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self._folder / "log").read_text())
            time.sleep(0.01)

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        self.kill()
        self.start()

    def flush(self) -> None:
        """Empty it; start it if a test left it dead."""
        if not self.running:
            self.start()
        with self.client() as client:
            client.flushall()

    def client(self) -> "redis.Redis":
        return redis.Redis.from_url(
            self.url, decode_responses=True, protocol=2, retry=Retry(NoBackoff(), 0)
        )

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    with tempfile.TemporaryDirectory(prefix="vp-redis-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.kill()
