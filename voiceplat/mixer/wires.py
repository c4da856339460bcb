"""The links of a room as far as the network goes: a few members share a UDP socket.

A packet is a member's by its source and its SSRC; what else comes is dropped. Nobody is
woken by a packet: the kernel keeps them until the room asks, once a tick.
"""

import secrets
import socket
from collections.abc import Iterable
from typing import Final

from voiceplat.calls.link import LinkEnd
from voiceplat.links.jitter_buffer import JitterBuffer
from voiceplat.links.link_socket import bound
from voiceplat.links.rtp import (
    HEADER,
    MARKER,
    PAYLOAD_TYPES,
    READ_BUFFER_BYTES,
    READ_BYTES,
    VERSION_2,
    frame_bytes,
)

PER_SOCKET: Final = 16
"""Members. The kernel keeps so much for one socket and no more (net.core.rmem_max, as
a rule 208 KiB): for 16 members more than half a second."""
READ_MAX: Final = 1024
"""Packets that are read of one socket in one tick: no flood keeps the room waiting."""


class Wire:
    """One member's link, seen from the room."""

    def __init__(self, shared: "SharedSocket", other: LinkEnd, rate_hz: int) -> None:
        self.shared = shared
        self.end = LinkEnd(shared.host, shared.port, secrets.randbits(32))
        self.buffer = JitterBuffer()
        self.payload_type = PAYLOAD_TYPES[rate_hz]
        self.packet_bytes = HEADER.size + frame_bytes(rate_hz)
        self.address = (socket.gethostbyname(other.host), other.port)
        self.key = (self.address, other.ssrc.to_bytes(4, "big"))

    def send(self, packet: memoryview) -> None:
        try:
            self.shared.socket.sendto(packet, self.address)
        except OSError:  # the kernel is full, or knows no way to there
            self.shared.unsent += 1


class SharedSocket:
    def __init__(self, host: str, ports: Iterable[int]) -> None:
        """Raises Unavailable when no port is free."""
        self.socket = bound(host, ports, PER_SOCKET * READ_BUFFER_BYTES)
        self.host = host
        self.port: int = self.socket.getsockname()[1]
        self.wires: dict[tuple[tuple[str, int], bytes], Wire] = {}
        self.strange = 0
        """Packets of nobody here."""
        self.unsent = 0

    def receive(self) -> None:
        """Put what has come into the buffers of those who sent it."""
        for _ in range(READ_MAX):
            try:
                packet, source = self.socket.recvfrom(READ_BYTES)
            except BlockingIOError:
                return  # that was all
            wire = self.wires.get((source, packet[8:12]))
            if (
                wire is None
                or len(packet) != wire.packet_bytes
                or packet[0] != VERSION_2
                or packet[1] & ~MARKER != wire.payload_type
            ):
                self.strange += 1
                continue
            wire.buffer.put(packet[2] << 8 | packet[3], packet[HEADER.size :])


class Wires:
    """All links of a room."""

    def __init__(self, host: str, ports: Iterable[int]) -> None:
        self._host = host
        self._ports = tuple(ports)
        self._sockets: list[SharedSocket] = []

    def add(self, other: LinkEnd, rate_hz: int) -> Wire:
        """A link to `other`. Raises Unavailable when no port is free."""
        wire = Wire(self._with_room(), other, rate_hz)
        if any(wire.key in shared.wires for shared in self._sockets):
            raise ValueError(f"{other} has a link to this room already")
        wire.shared.wires[wire.key] = wire
        return wire

    def remove(self, wire: Wire) -> None:
        """Also after `close`."""
        del wire.shared.wires[wire.key]
        if not wire.shared.wires and wire.shared in self._sockets:
            self._sockets.remove(wire.shared)
            wire.shared.socket.close()

    def receive(self) -> None:
        for shared in self._sockets:
            shared.receive()

    def close(self) -> None:
        for shared in self._sockets:
            shared.socket.close()
        self._sockets.clear()

    def _with_room(self) -> SharedSocket:
        for shared in self._sockets:
            if len(shared.wires) < PER_SOCKET:
                return shared
        self._sockets.append(SharedSocket(self._host, self._ports))
        return self._sockets[-1]
