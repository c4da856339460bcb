"""The keys that a far end presses, in their order, whichever way they come.

A phone may send one key in two ways at once. It is one key when the other way brings it
while it is still down or just released.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Final

from voiceplat.signals.dtmf import DtmfDetector
from voiceplat.telephony.key_packets import KeyPacket, KeyPackets

SAME_KEY_S: Final = 0.3
"""A phone that sends a key in two ways does it within this time."""


class Way(StrEnum):
    PACKETS = "RFC 4733"
    INFO = "SIP INFO"
    TONES = "in the audio"


class Keypad:
    """Takes what came, gives keys; all on the loop's thread."""

    def __init__(self, pressed: Callable[[str], None] = lambda _: None) -> None:
        """`pressed` is told of each key, once."""
        self._pressed = pressed
        self._waiting: deque[str] = deque()
        self._came = asyncio.Event()
        self._packets = KeyPackets()
        self._last: tuple[str, Way, float] | None = None
        self.has_info = False
        """A phone that sends INFO need not be listened to."""

    def take_packet(self, packet: KeyPacket) -> None:
        if self._packets.is_new(packet):
            self.take(packet.key, Way.PACKETS)
        else:
            self.is_down(packet.key, Way.PACKETS)

    def take(self, key: str, way: Way) -> None:
        """A key that begins."""
        self.has_info = self.has_info or way is Way.INFO
        if not self._came_otherwise(key, way):
            self._waiting.append(key)
            self._came.set()
            self._pressed(key)
        self._last = (key, way, asyncio.get_running_loop().time())

    def is_down(self, key: str, way: Way) -> None:
        """A key that goes on."""
        if self._last and self._last[:2] == (key, way):
            self._last = (key, way, asyncio.get_running_loop().time())

    def next(self) -> str | None:
        """The oldest key that nobody has taken."""
        return self._waiting.popleft() if self._waiting else None

    def forget(self) -> None:
        self._waiting.clear()

    async def until_pressed(self) -> None:
        """Returns at the next key, or when it is woken."""
        self._came.clear()
        await self._came.wait()

    def wake(self) -> None:
        self._came.set()

    def _came_otherwise(self, key: str, way: Way) -> bool:
        if self._last is None:
            return False
        last, its_way, when = self._last
        just_now = asyncio.get_running_loop().time() - when < SAME_KEY_S
        return last == key and its_way is not way and just_now


class ToneEar:
    """Finds the keys in what a far end says."""

    def __init__(self, keypad: Keypad, clock_rate_hz: int) -> None:
        self._keypad = keypad
        self._detector = DtmfDetector(clock_rate_hz)

    def hear(self, frame: bytes) -> None:
        for key in self._detector.hear(frame):
            self._keypad.take(key, Way.TONES)
        self._keypad.is_down(self._detector.sounding, Way.TONES)
