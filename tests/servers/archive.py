"""The archive as a real process, which tests kill and start again."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class ArchiveServer:
    """`environment` has more settings, by their names in the environment."""

    def __init__(self, data: Path, redis_url: str, **environment: str) -> None:
        self._data = data
        self._environment = {
            "PATH": os.defpath,
            "VOICEPLAT_DATA": str(data),
            "VOICEPLAT_REDIS__URL": redis_url,
            "VOICEPLAT_SPOOL__LOOK_INTERVAL_MS": "100",
            "VOICEPLAT_SPOOL__RESERVE_MB": "0",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self._data / "archive.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "voiceplat", "archive"],
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        self.kill()
        self.start()


@contextmanager
def archive_server(
    data: Path, redis_url: str, **environment: str
) -> Iterator[ArchiveServer]:
    server = ArchiveServer(data, redis_url, **environment)
    server.start()
    try:
        yield server
    finally:
        server.kill()
