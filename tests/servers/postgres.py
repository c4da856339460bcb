"""A private PostgreSQL cluster in a temporary folder, without durability.

PostgreSQL refuses to run as root, so root becomes the system user `postgres` for it.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import sqlalchemy as sa

_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_START_TIMEOUT_S = 30


def find_binaries() -> Path | None:
    """Debian hides initdb and postgres outside of PATH."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in versions), default=None)


@contextmanager
def postgres_server() -> Iterator[str]:
    """A URL of its database `postgres`; the server is gone afterwards.

    It listens on a Unix socket alone, so no port can be taken by somebody else.
    """
    binaries = find_binaries()
    if binaries is None:
        raise FileNotFoundError("initdb: install postgresql")
    with tempfile.TemporaryDirectory(prefix="vp-pg-") as folder:
        home = Path(folder)
        become = _unprivileged(home)
        data = home / "data"
        initdb: list[str | Path] = [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
        ]
        subprocess.run(
            [*become, *initdb, "--no-sync"], check=True, capture_output=True, cwd=home
        )
        options = [part for setting in _FAST for part in ("-c", setting)]
        sockets = ["-k", str(home), "-c", "listen_addresses="]
        with (home / "log").open("wb") as log:
            server = subprocess.Popen(
                [*become, binaries / "postgres", "-D", data, *sockets, *options],
                cwd=home,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            url = f"postgresql+asyncpg://postgres@/postgres?host={home}"
            ask: list[str | Path] = [binaries / "pg_isready", "-q", "-h", home]
            _wait_until_ready(ask, server, home / "log")
            yield url
        finally:
            server.terminate()
            server.wait(timeout=_START_TIMEOUT_S)


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
    ask: list[str | Path], server: subprocess.Popen[bytes], log: Path
) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while server.poll() is None and time.monotonic() < deadline:
        if subprocess.run(ask, check=False, capture_output=True).returncode == 0:
            return
        time.sleep(0.05)
    raise RuntimeError("postgres did not start: " + log.read_text())
