"""The speech service as a real process, with the models that set-up made."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from voiceplat.speech.models import install_models

MODELS = Path(__file__).parents[2] / ".cache" / "models"
_START_TIMEOUT_S = 60
_END_TIMEOUT_S = 15


@contextmanager
def speech_service(tmp: Path, **environment: str) -> Iterator[Path]:
    """Its socket. It keeps what it makes below `tmp`: `Settings(data=tmp)`.

    `environment` has more settings, by their names in the environment.
    """
    install_models(MODELS)
    path = tmp / "speech.sock"
    settings = {
        "PATH": os.defpath,
        "VOICEPLAT_DATA": str(tmp),
        "VOICEPLAT_LOG_STYLE": "text",
        "VOICEPLAT_SPEECH__SOCKET": str(path),
        "VOICEPLAT_SPEECH__MODELS": str(MODELS),
        "VOICEPLAT_SECURITY__ALLOW_PRIVATE_URLS": "true",
    }
    with (tmp / "speech.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "voiceplat", "speech"],
            env=settings | environment,
            cwd=tmp,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(path, server, tmp / "speech.log")
        yield path
    finally:
        server.terminate()
        status = server.wait(timeout=_END_TIMEOUT_S)
    if status != 0:
        raise RuntimeError(f"speech ended with {status}: {_text(tmp / 'speech.log')}")


def _wait_until_ready(path: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while server.poll() is None and time.monotonic() < deadline:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(path))
            except OSError:
                time.sleep(0.02)
                continue
            return
    raise RuntimeError(f"speech did not start: {_text(log)}")


def _text(log: Path) -> str:
    return log.read_text(errors="replace")
