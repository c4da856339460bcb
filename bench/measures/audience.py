"""Hears all calls of a load at one address, and says something back.

The audio of every call comes to one socket, told apart by source. Each packet is sent
back: a caller is never silent, so decoding what comes is part of a call's cost.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self

from bench import rtp
from bench.key_press import KeyPress
from bench.stamped import StampedSocket

Source = tuple[tuple[str, int], int]
"""Address and SSRC."""


class Audience:
    def __init__(self, host: str) -> None:
        self._socket = StampedSocket(host, self._hear)
        self.port = self._socket.port
        self.streams: dict[Source, rtp.Stream] = {}
        """Those with sound, since the last `forget`."""
        self.presses: Callable[[], KeyPress] | None = None
        """What each caller presses; nothing as a rule."""
        self._pressing: dict[Source, KeyPress] = {}
        self.all_packets = 0
        """With sound or without, since the last `forget_packets`."""

    @classmethod
    @contextmanager
    def at(cls, host: str) -> Iterator[Self]:
        audience = cls(host)
        with audience._socket:
            yield audience

    def forget(self) -> None:
        self.streams = {}

    def forget_packets(self) -> None:
        self.all_packets = 0

    @property
    def packets(self) -> int:
        return sum(stream.packets for stream in self.streams.values())

    def _hear(self, data: bytes, source: tuple[str, int], at_ns: int) -> None:
        packet = rtp.parse(data)
        if packet is None:
            return
        self.all_packets += 1
        key = (source, packet.ssrc)
        self._socket.send(self._said(key, data), source)
        stream = self.streams.get(key)
        if stream is None:
            if not rtp.is_sound(packet.payload):
                return
            stream = self.streams[key] = rtp.Stream()
        stream.take(packet.sequence, at_ns)

    def _said(self, to: Source, data: bytes) -> bytes:
        if self.presses is None:
            return data
        if to not in self._pressing:
            self._pressing[to] = self.presses()
        return self._pressing[to].instead_of(data)
