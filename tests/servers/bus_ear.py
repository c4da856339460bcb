"""Every event that is written to the bus, counted by kind and call, by MONITOR.

The ledger takes events off the stream at once; Redis tells a monitor of every write.
"""

import asyncio
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

_EVENT: Final = re.compile(
    rb'"XADD" "vp:events" "\*" "kind" "(\w+)" "call_uuid" "([^"]+)"'
)
LINE_MAX: Final = 1 << 22

Heard = defaultdict[str, Counter[str]]


@asynccontextmanager
async def bus_ear(redis_url: str) -> AsyncIterator[Heard]:
    """By kind (`initiated`, `ended`): how often for each call_uuid."""
    at = urlsplit(redis_url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port, limit=LINE_MAX)
    if at.password:
        writer.write(f"AUTH {at.username or 'default'} {at.password}\r\n".encode())
        assert (await reader.readline()).startswith(b"+OK")
    writer.write(b"MONITOR\r\n")
    assert (await reader.readline()).startswith(b"+OK")
    heard: Heard = defaultdict(Counter)
    listening = asyncio.create_task(_listen(reader, heard))
    try:
        yield heard
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        writer.close()
        await writer.wait_closed()


async def _listen(reader: asyncio.StreamReader, heard: Heard) -> None:
    while line := await reader.readline():
        if found := _EVENT.search(line):
            heard[found[1].decode()][found[2].decode()] += 1
