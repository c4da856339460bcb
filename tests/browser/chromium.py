"""Chromium with a microphone that says a tone; one for the run, a profile per page.

Tests drive it over its own protocol, so that it outlives their event loops.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.servers.free_ports import free_port
from voiceplat.telephony.listen import write_tone

OWN_HZ: Final = 1000.0
"""What everybody hears who talks to a browser."""
_TONE_S: Final = 30
_STOP_WITHIN_S: Final = 10
_FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    # on a machine with nothing but loopback there would be no candidate at all
    "--allow-loopback-in-peer-connection",
    "--ignore-certificate-errors",
    # pages that a test makes up come from nowhere, the server is at home
    "--disable-features=LocalNetworkAccessChecks",
)


@contextmanager
def chromium() -> Iterator[str]:
    """The address at which it takes orders."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "Chromium is not installed: scripts/setup test"
    port = free_port()
    with tempfile.TemporaryDirectory(
        prefix="vp-chromium-", ignore_cleanup_errors=True
    ) as folder:
        tone = write_tone(Path(folder) / "tone.wav", OWN_HZ, _TONE_S, rate=48000)
        process = subprocess.Popen(
            [
                program,
                *_FLAGS,
                f"--use-file-for-fake-audio-capture={tone}",
                f"--remote-debugging-port={port}",
                f"--user-data-dir={folder}/profile",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield _address(process)
        finally:
            process.terminate()
            process.wait(_STOP_WITHIN_S)
            assert process.stderr is not None
            process.stderr.close()


def _address(process: "subprocess.Popen[str]") -> str:
    """It tells where it listens when it does."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if line.startswith("DevTools listening on "):
            return line.removeprefix("DevTools listening on ").strip()
    raise AssertionError("".join(said[-20:]))
