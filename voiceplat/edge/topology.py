"""The edge's own Redis, in which Kamailio's topos keeps what it hides of each call.

What it holds is of no use without the rtpengine beside it, so it need not outlive a
loss of power, as the platform's Redis must: nothing waits for the disk (ADR 33). What
it has answered outlives its `kill -9`, for the system has it by then.
"""

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Final

from voiceplat.core.errors import Unavailable

TOPOLOGY_SOCKET: Final = "topology.sock"
TOPOLOGY_FOLDER: Final = "topology"
_ANSWERS_WITHIN_S: Final = 1.0


def topology_command(folder: Path) -> list[str]:
    """Reached by its socket alone, and by nobody but the edge's own user."""
    return [
        *("redis-server", "--port", "0", "--dir", str(folder / TOPOLOGY_FOLDER)),
        *("--unixsocket", str(folder / TOPOLOGY_SOCKET), "--unixsocketperm", "700"),
        *("--appendonly", "yes", "--appendfsync", "no", "--save", ""),
    ]


async def ping_topology(folder: Path) -> None:
    """Raises Unavailable when it does not answer, or is still reading its file."""
    try:
        async with asyncio.timeout(_ANSWERS_WITHIN_S):
            path = folder / TOPOLOGY_SOCKET
            reader, writer = await asyncio.open_unix_connection(path)
            with closing(writer):
                writer.write(b"PING\r\n")
                said = await reader.readline()
    except (OSError, TimeoutError) as error:
        raise Unavailable("the edge's Redis", str(error)) from error
    if said != b"+PONG\r\n":
        raise Unavailable("the edge's Redis", said.decode(errors="replace").strip())
