"""What was ever written to the bus's stream of events, from Redis' append-only file.

Its ledger takes events off the stream at once, and a monitor would miss what happens
while Redis is restarted; the file has every write.
"""

import re
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Final

_EVENT: Final = re.compile(
    rb"XADD\r\n\$9\r\nvp:events\r\n\$\d+\r\n[0-9-]+\r\n\$4\r\nkind\r\n\$\d+\r\n(\w+)\r\n"
    rb"\$9\r\ncall_uuid\r\n\$\d+\r\n([^\r]+)\r\n"
)
_LONGEST: Final = 400
"""Bytes of an event up to its call; what was read last may end within one."""


class BusLog:
    """From now on; `read` it often, for Redis begins a new file now and then."""

    def __init__(self, data: Path) -> None:
        self._folder = data / "redis" / "appendonlydir"
        self._read_to = {file: file.stat().st_size for file in self._files()}
        self._rest: dict[Path, bytes] = {}
        self._events: Counter[tuple[str, str]] = Counter()

    @property
    def events(self) -> dict[tuple[str, str], int]:
        """How often a kind of event was told of a call."""
        return dict(self._events)

    def read(self) -> None:
        for path in self._files():
            with suppress(FileNotFoundError), path.open("rb") as file:
                file.seek(self._read_to.get(path, 0))
                text = self._rest.get(path, b"") + file.read()
                self._read_to[path] = file.tell()
                self._rest[path] = self._take(text)

    def _take(self, text: bytes) -> bytes:
        """Count what is in it; what may be the beginning of an event."""
        end = 0
        for found in _EVENT.finditer(text):
            self._events[found[1].decode(), found[2].decode()] += 1
            end = found.end()
        return text[max(end, len(text) - _LONGEST) :]

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.incr.aof"))
