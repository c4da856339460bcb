"""A link: audio between two processes, as RTP over UDP on the private side.

L16 mono, 20 ms a packet; who has it sends and asks for a frame once in 20 ms. It never
blocks: the kernel keeps what came until somebody asks.
"""

import secrets
import socket
from array import array
from collections.abc import Iterable
from contextlib import suppress

from voiceplat.calls.link import LinkEnd
from voiceplat.core.errors import Unavailable
from voiceplat.links.jitter_buffer import JitterBuffer
from voiceplat.links.rtp import (
    HEADER,
    MARKER,
    PAYLOAD_TYPES,
    READ_BUFFER_BYTES,
    READ_BYTES,
    VERSION_2,
    frame_bytes,
    samples_of,
)


class LinkSocket:
    """One end as far as the network goes; knows nothing of who speaks into it."""

    def __init__(
        self, host: str, ports: Iterable[int] = (0,), *, rate_hz: int = 8000
    ) -> None:
        """On the first of `ports` that is free. Raises Unavailable when none is."""
        self._socket = bound(host, ports, READ_BUFFER_BYTES)
        port: int = self._socket.getsockname()[1]
        self.end = LinkEnd(host, port, secrets.randbits(32))
        self.sent = 0
        self.strange = 0
        """Packets that were not the other end's."""
        self.buffer = JitterBuffer()
        self._payload_type = PAYLOAD_TYPES[rate_hz]
        self._samples = samples_of(rate_hz)
        self._frame_bytes = frame_bytes(rate_hz)
        self._their_ssrc: int | None = None
        self._sequence = secrets.randbits(16)
        self._timestamp = secrets.randbits(32)
        self._paused = True

    def meet(self, other: LinkEnd) -> None:
        """From now on it sends there, and only what comes from there counts."""
        self._socket.connect((other.host, other.port))
        self._their_ssrc = other.ssrc

    def send(self, pcm: bytes) -> None:
        """The next 20 ms; nothing at all is a pause."""
        self._timestamp = (self._timestamp + self._samples) & 0xFFFFFFFF
        if self._their_ssrc is None or len(pcm) != self._frame_bytes:
            self._paused = True
            return
        kind = self._payload_type | MARKER if self._paused else self._payload_type
        self._paused = False
        self._sequence = (self._sequence + 1) & 0xFFFF
        header = HEADER.pack(
            VERSION_2, kind, self._sequence, self._timestamp, self.end.ssrc
        )
        with suppress(OSError):  # nobody is there any more, or the kernel is full
            self._socket.send(header + _swapped(pcm))
        self.sent += 1

    def receive(self) -> None:
        """Take over what has come."""
        if self._their_ssrc is None:
            return
        with suppress(OSError):  # that was all
            while True:
                self._take(self._socket.recv(READ_BYTES))

    def next_frame(self) -> bytes | None:
        """20 ms of what the other end says; None for silence."""
        self.receive()
        frame = self.buffer.pop()
        return None if frame is None else _swapped(frame)

    def close(self) -> None:
        self._their_ssrc = None
        self._socket.close()

    def _take(self, packet: bytes) -> None:
        if len(packet) == HEADER.size + self._frame_bytes:
            version, kind, sequence, _, ssrc = HEADER.unpack_from(packet)
            known = version == VERSION_2 and kind & ~MARKER == self._payload_type
            if known and ssrc == self._their_ssrc:
                self.buffer.put(sequence, packet[HEADER.size :])
                return
        self.strange += 1


def bound(host: str, ports: Iterable[int], buffer_bytes: int) -> socket.socket:
    """A UDP socket on the first of `ports` that is free; reading never blocks.

    The kernel keeps `buffer_bytes` of what comes, or less where it allows no more.
    Raises Unavailable when no port is free.
    """
    for port in ports:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
        try:
            sock.bind((host, port))
        except OSError:
            sock.close()
        else:
            return sock
    raise Unavailable("a port for a link", f"none is free on {host}")


def _swapped(pcm: bytes) -> bytes:
    """Between this machine's byte order and the network's."""
    samples = array("h", pcm)
    samples.byteswap()
    return samples.tobytes()
