"""How a part of the platform is struck, and by what its process is known."""

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

from bench.processes import PROC, PlatformProcesses
from tests.failures.system import open_files
from tests.servers.platform import Platform

PROGRAMS: Final = {
    "supervisor": "voiceplat media",
    "ledger": "voiceplat ledger",
    "api": "voiceplat api",
    "speech": "voiceplat speech",
    "archive": "voiceplat archive",
    "edge": "voiceplat edge",
    "redis": "redis-server 127.0.0.1:",
    "topology": "redis-server unixsocket:",
    "kamailio": "kamailio",
    "rtpengine": "rtpengine",
}
"""How the command of each part's first process is recognized."""


@dataclass(frozen=True, slots=True)
class Striker:
    platform: Platform
    dice: Random

    def kill(self, part: str) -> int:
        """kill -9; which process it hit."""
        return self._send(part, signal.SIGKILL)

    def terminate(self, part: str) -> int:
        """SIGTERM."""
        return self._send(part, signal.SIGTERM)

    def _send(self, part: str, what: signal.Signals) -> int:
        process = self.process(part)
        assert process, f"no {part} runs"
        os.kill(process, what)
        return process

    def process(self, part: str) -> int:
        """Of several workers or mixers, one of the two busiest; 0: none runs."""
        if part in PROGRAMS:
            return self._first(PROGRAMS[part])
        event = {"worker": "worker_ready", "mixer": "room_opened"}[part]
        living = sorted(self._logged(event), key=open_files)
        return self.dice.choice(living[-2:]) if living else 0

    def _first(self, program: str) -> int:
        """The lowest process whose command is that program: the parent of its like."""
        below = sorted(pid for _, pid in PlatformProcesses(self._up).parts())
        return next((pid for pid in below if program in _command(pid)), 0)

    def _logged(self, event: str) -> Iterator[int]:
        """Living processes that said so in the log of the media node."""
        for line in self.platform.log("media").splitlines():
            if f'"{event}"' in line:
                pid = json.loads(line)["pid"]
                if open_files(pid):
                    yield pid

    @property
    def _up(self) -> int:
        return self.platform.process.pid


def _command(pid: int) -> str:
    try:
        words = (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ")
    except OSError:
        return ""
    program, _, rest = words.decode(errors="replace").strip().partition(" ")
    return f"{program.rpartition('/')[2]} {rest}"
