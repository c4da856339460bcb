"""CPU and memory of processes that another one started, read out of `/proc`.

What a child used between the last look and its death is not counted.
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from voiceplat.metrics.figures import ChildFigures

PROC: Final = Path("/proc")
TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
KB: Final = 1024

_UTIME, _STIME = 11, 12
_SESSION = 3
"""Fields of `/proc/PID/stat` after the name, which may hold anything."""


class Children:
    def __init__(self, figures: ChildFigures) -> None:
        self._figures = figures
        self._used_s: dict[int, float] = {}

    def look(self, pids: Mapping[str, Iterable[int]]) -> None:
        """Count what the processes of each kind have used since the last look."""
        now: dict[int, float] = {}
        for kind, members in pids.items():
            memory = 0
            alive = 0
            for pid in members:
                with suppress(OSError, IndexError):  # it ended just now
                    used_s = cpu_s(pid)
                    more_s = used_s - self._used_s.get(pid, 0.0)
                    self._figures.cpu.labels(kind).inc(max(0.0, more_s))
                    memory += memory_bytes(pid)
                    now[pid] = used_s
                    alive += 1
            self._figures.memory.labels(kind).set(memory)
            self._figures.count.labels(kind).set(alive)
        self._used_s = now


def session_members(leader: int) -> list[int]:
    """The processes of a session, its leader among them."""
    found = []
    for entry in PROC.glob("[0-9]*"):
        with suppress(OSError, IndexError):
            if _fields(int(entry.name))[_SESSION] == str(leader):
                found.append(int(entry.name))
    return found


def cpu_s(pid: int) -> float:
    fields = _fields(pid)
    return (int(fields[_UTIME]) + int(fields[_STIME])) / TICKS_PER_S


def memory_bytes(pid: int) -> int:
    """Its proportional share (PSS)."""
    for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * KB
    return 0


def _fields(pid: int) -> list[str]:
    text = (PROC / str(pid) / "stat").read_text()
    return text[text.rindex(")") + 2 :].split()
