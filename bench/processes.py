"""What the platform's processes cost: CPU time and memory, by part, from /proc."""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
PARENT, USER, SYSTEM = 1, 11, 12
"""Fields of `stat` after the name."""


class Part(StrEnum):
    WORKERS = "call workers"
    SUPERVISOR = "supervisor and fork server"
    KAMAILIO = "Kamailio"
    RTPENGINE = "rtpengine"
    REDIS = "Redis"
    TOPOLOGY = "the edge's Redis"
    API = "API"
    LEDGER = "ledger"
    SPEECH = "speech service"
    ARCHIVE = "archive"
    REST = "edge and up"


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    parent: int
    command: str


class PlatformProcesses:
    """Everything below `voiceplat up`."""

    def __init__(self, up: int) -> None:
        self._up = up

    def cpu_s(self) -> Mapping[Part, float]:
        """Used since each process began."""
        used: defaultdict[Part, float] = defaultdict(float)
        for part, pid in self.parts():
            used[part] += cpu_s(pid)
        return used

    def pss_mb(self) -> Mapping[Part, float]:
        """Proportional set size: shared pages are divided among those who share."""
        held: defaultdict[Part, float] = defaultdict(float)
        for part, pid in self.parts():
            held[part] += pss_mb(pid)
        return held

    def count(self, wanted: Part) -> int:
        return sum(part is wanted for part, _ in self.parts())

    def parts(self) -> Iterator[tuple[Part, int]]:
        """The part and the process id of each."""
        everybody = {process.pid: process for process in _processes()}
        for process in everybody.values():
            line = _ancestry(process, everybody)
            if self._up in (ancestor.pid for ancestor in line):
                yield part_of([one.command for one in line]), process.pid


def cpu_s(pid: int) -> float:
    """Used since the process began; 0 when it is gone."""
    fields = _stat(pid)
    return (int(fields[USER]) + int(fields[SYSTEM])) / TICKS_PER_S if fields else 0.0


def pss_mb(pid: int) -> float:
    """Proportional set size; 0 when it is gone."""
    try:
        lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    kb = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kb / 1024


def part_of(line: list[str]) -> Part:
    """From the commands of a process and of its ancestors, nearest first."""
    own = line[0]
    if any(command.endswith("voiceplat media") for command in line):
        forked = len(line) > 1 and "forkserver" in line[1]
        return Part.WORKERS if forked else Part.SUPERVISOR
    if "redis-server unixsocket:" in own:
        return Part.TOPOLOGY
    for name, part in (
        ("kamailio", Part.KAMAILIO),
        ("rtpengine", Part.RTPENGINE),
        ("redis-server", Part.REDIS),
    ):
        if Path(own.split(" ")[0]).name == name:
            return part
    for name, part in (
        ("api", Part.API),
        ("ledger", Part.LEDGER),
        ("speech", Part.SPEECH),
        ("archive", Part.ARCHIVE),
    ):
        if any(command.endswith(f"voiceplat {name}") for command in line):
            return part
    return Part.REST


def _ancestry(process: Process, everybody: Mapping[int, Process]) -> list[Process]:
    line = [process]
    while (above := everybody.get(line[-1].parent)) is not None:
        line.append(above)
    return line


def _processes() -> Iterator[Process]:
    for folder in PROC.iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            try:
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            text = command.replace(b"\0", b" ").decode(errors="replace").strip()
            yield Process(int(folder.name), int(fields[PARENT]), text)


def _stat(pid: int) -> list[str]:
    """Empty when the process is gone."""
    try:
        text = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return []
    return text.rpartition(")")[2].split()
