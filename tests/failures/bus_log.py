"""What was ever written to the bus's stream of events, from Redis' append-only file.

Its ledger takes events off the stream at once, and a monitor would miss what happens
while Redis is restarted; the file has every write.
"""

import os
import re
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final

_EVENT: Final = re.compile(
    rb"XADD\r\n\$9\r\nvp:events\r\n\$\d+\r\n[0-9-]+\r\n\$4\r\nkind\r\n\$\d+\r\n(\w+)\r\n"
    rb"\$9\r\ncall_uuid\r\n\$\d+\r\n([^\r]+)\r\n"
)
_LONGEST: Final = 400
"""Bytes of an event up to its call; what was read last may end within one."""


class BusLog:
    """From now on; `read` it often, for Redis begins a new file now and then.

    It ends the one before when the new one is whole; what is held open can be read to
    its end all the same.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` is Redis' own."""
        self._folder = folder / "appendonlydir"
        self._open: dict[Path, BinaryIO] = {}
        self._rest: dict[Path, bytes] = {}
        self._events: Counter[tuple[str, str]] = Counter()
        self._open_new()
        for file in self._open.values():
            file.seek(0, os.SEEK_END)

    @property
    def events(self) -> dict[tuple[str, str], int]:
        """How often a kind of event was told of a call."""
        return dict(self._events)

    def read(self) -> None:
        self._open_new()
        for path, file in list(self._open.items()):
            is_over = not path.exists()
            self._rest[path] = self._take(self._rest.get(path, b"") + file.read())
            if is_over:
                self._open.pop(path).close()

    def close(self) -> None:
        for file in self._open.values():
            file.close()

    def _open_new(self) -> None:
        for path in sorted(self._folder.glob("*.incr.aof")):
            if path not in self._open:
                with suppress(FileNotFoundError):
                    self._open[path] = path.open("rb")

    def _take(self, text: bytes) -> bytes:
        """Count what is in it; what may be the beginning of an event."""
        end = 0
        for found in _EVENT.finditer(text):
            self._events[found[1].decode(), found[2].decode()] += 1
            end = found.end()
        return text[max(end, len(text) - _LONGEST) :]
