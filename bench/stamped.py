"""A UDP socket that tells when the kernel received each packet.

So the load on this process, which reads late, is not taken for lateness of the
platform. Times are CLOCK_REALTIME in nanoseconds, as `now_ns` gives them.
"""

import asyncio
import socket
import struct
import time
from collections.abc import Callable
from typing import Final, Self

SO_RCVBUFFORCE: Final = 33
SO_TIMESTAMPNS: Final = 35
BUFFER_BYTES: Final = 1 << 24
DATAGRAM_MAX: Final = 65536
AT_ONCE: Final = 256
_TIMESPEC: Final = struct.Struct("qq")

Take = Callable[[bytes, tuple[str, int], int], None]


def now_ns() -> int:
    return time.time_ns()


class StampedSocket:
    """Gives each datagram to `take` (data, source, ns), until it is closed."""

    def __init__(self, host: str, take: Take, port: int = 0) -> None:
        self._take = take
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES)
        except PermissionError:  # not root: what the kernel grants must do
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self._socket.bind((host, port))
        self.host = host
        self.port: int = self._socket.getsockname()[1]
        asyncio.get_running_loop().add_reader(self._socket, self._read)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def send(self, data: bytes, to: tuple[str, int]) -> int:
        """When it was sent."""
        at = now_ns()
        self._socket.sendto(data, to)
        return at

    def _read(self) -> None:
        for _ in range(AT_ONCE):
            try:
                data, ancillary, _, source = self._socket.recvmsg(DATAGRAM_MAX, 64)
            except OSError:  # nothing more, or an ICMP error of an earlier packet
                return
            seconds, nanoseconds = _TIMESPEC.unpack(ancillary[0][2])
            self._take(data, source, seconds * 1_000_000_000 + nanoseconds)
