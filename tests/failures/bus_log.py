"""What was ever written to the bus's stream of events, from Redis' append-only file.

Its ledger takes events off the stream at once, and a monitor would miss what happens
while Redis is restarted; the file has every write.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Final

_EVENT: Final = re.compile(
    rb"XADD\r\n\$9\r\nvp:events\r\n\$\d+\r\n[0-9-]+\r\n\$4\r\nkind\r\n\$\d+\r\n(\w+)\r\n"
    rb"\$9\r\ncall_uuid\r\n\$\d+\r\n([^\r]+)\r\n"
)


class BusLog:
    def __init__(self, data: Path) -> None:
        self._folder = data / "redis" / "appendonlydir"
        self._from = len(self._written())

    def events(self) -> dict[tuple[str, str], int]:
        """How often a kind of event was told of a call, since this was made."""
        found = _EVENT.findall(self._written()[self._from :])
        return dict(Counter((kind.decode(), uuid.decode()) for kind, uuid in found))

    def _written(self) -> bytes:
        files = sorted(self._folder.glob("*.incr.aof"))
        return b"".join(file.read_bytes() for file in files)
