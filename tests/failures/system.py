"""What the operating system shows of the platform: processes, sockets, open files."""

from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Final

from bench.processes import PROC, PlatformProcesses

LISTENS: Final = "0A"
"""State of TCP in /proc/net/tcp."""
_TABLES: Final = ("tcp", "tcp6", "udp", "udp6")
_STARTED: Final = 19
"""Field of `stat` after the name: when the process began."""


class Census:
    """Everybody who was ever seen below `voiceplat up`."""

    def __init__(self, up: int) -> None:
        self._platform = PlatformProcesses(up)
        self._known: dict[tuple[int, str], str] = {}

    def look(self) -> None:
        for part, pid in self._platform.parts():
            if began := _began(pid):
                self._known[pid, began] = part

    def parts(self) -> dict[str, int]:
        return dict(Counter(str(part) for part, _ in self._platform.parts()))

    def sockets(self) -> dict[str, int]:
        listening = _listening()
        found: defaultdict[str, set[str]] = defaultdict(set)
        for part, pid in self._platform.parts():
            found[part] |= _sockets(pid) & listening
        return {part: len(inodes) for part, inodes in found.items()}

    def orphans(self) -> list[str]:
        """Those who live, and are not below the platform any more."""
        below = {pid for _, pid in self._platform.parts()}
        return [
            f"{part}, process {pid}"
            for (pid, began), part in self._known.items()
            if pid not in below and _began(pid) == began
        ]


def open_files(pid: int) -> int:
    """0 when it is gone."""
    with suppress(OSError):
        return sum(1 for _ in (PROC / str(pid) / "fd").iterdir())
    return 0


def _began(pid: int) -> str:
    """Empty when it is gone, or only waits to be buried."""
    with suppress(OSError, IndexError):
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[_STARTED]
    return ""


def _sockets(pid: int) -> set[str]:
    found = set()
    with suppress(OSError):
        for link in (PROC / str(pid) / "fd").iterdir():
            with suppress(OSError):
                target = str(link.readlink())
                if target.startswith("socket:["):
                    found.add(target[len("socket:[") : -1])
    return found


def _listening() -> set[str]:
    """Inodes of sockets of UDP, and of those of TCP that listen."""
    found = set()
    for table in _TABLES:
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if table.startswith("udp") or fields[3] == LISTENS:
                found.add(fields[9])
    return found
