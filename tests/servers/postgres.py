"""A private PostgreSQL cluster in a temporary folder: kill -9 loses nothing of it.

PostgreSQL refuses to run as root, so root becomes the system user `postgres` for it.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import sqlalchemy as sa

_FAST = ("fsync=off", "full_page_writes=off")
"""A commit is with the operating system when it is answered, so `kill` loses none."""
_TIMEOUT_S = 60


def find_binaries() -> Path | None:
    """Debian hides initdb and postgres outside of PATH."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in versions), default=None)


class PostgresServer:
    """It listens on a Unix socket alone, so no port can be taken by somebody else."""

    def __init__(self, home: Path, binaries: Path) -> None:
        self.url = f"postgresql+asyncpg://postgres@/postgres?host={home}"
        self._home = home
        self._binaries = binaries
        self._become = _unprivileged(home)
        self._process: subprocess.Popen[bytes] | None = None

    def create(self) -> None:
        initdb: list[str | Path] = [
            self._binaries / "initdb",
            *("-D", str(self._home / "data")),
            *("-U", "postgres", "-A", "trust", "--no-sync"),
        ]
        subprocess.run(
            [*self._become, *initdb], check=True, capture_output=True, cwd=self._home
        )

    def start(self) -> None:
        """Returns when it answers."""
        options = [part for setting in _FAST for part in ("-c", setting)]
        sockets = ["-k", str(self._home), "-c", "listen_addresses="]
        program = [str(self._binaries / "postgres"), "-D", str(self._home / "data")]
        with (self._home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._become, *program, *sockets, *options],
                cwd=self._home,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        ask = [str(self._binaries / "pg_isready"), "-q", "-h", str(self._home)]
        _wait_until_ready(ask, self._process, self._home / "log")

    def kill(self) -> None:
        """kill -9 of its first process; the others notice and go, too."""
        process = self._process
        assert process is not None
        others = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        process.kill()
        process.wait()
        deadline = time.monotonic() + _TIMEOUT_S
        while any(Path(f"/proc/{pid}").exists() for pid in others.split()):
            assert time.monotonic() < deadline, "a process of PostgreSQL stays"
            time.sleep(0.05)

    def stop(self) -> None:
        """At once, whoever is connected."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=_TIMEOUT_S)


@contextmanager
def postgres_process() -> Iterator[PostgresServer]:
    """Running; gone afterwards, with all that it held."""
    binaries = find_binaries()
    if binaries is None:
        raise FileNotFoundError("initdb: install postgresql")
    with tempfile.TemporaryDirectory(prefix="vp-pg-") as folder:
        server = PostgresServer(Path(folder), binaries)
        server.create()
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def postgres_server() -> Iterator[str]:
    """A URL of its database `postgres`; the server is gone afterwards."""
    with postgres_process() as server:
        yield server.url


@asynccontextmanager
async def fresh_database(server_url: str) -> AsyncIterator[str]:
    """The URL of an empty database of its own on that server."""
    server = sa.make_url(server_url)
    name = f"vp_{uuid4().hex}"
    admin = await asyncpg.connect(
        host=str(server.query["host"]), user="postgres", database="postgres"
    )
    await admin.execute(f'CREATE DATABASE "{name}"')
    yield server.set(database=name).render_as_string(hide_password=False)
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


def _unprivileged(home: Path) -> list[str]:
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    os.chown(home, user.pw_uid, user.pw_gid)
    identity = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return ["setpriv", *identity, "--"]


def _wait_until_ready(
    ask: list[str], server: subprocess.Popen[bytes], log: Path
) -> None:
    deadline = time.monotonic() + _TIMEOUT_S
    while server.poll() is None and time.monotonic() < deadline:
        if subprocess.run(ask, check=False, capture_output=True).returncode == 0:
            return
        time.sleep(0.05)
    raise RuntimeError("postgres did not start: " + log.read_text())
