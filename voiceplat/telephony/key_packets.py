"""Which RFC 4733 packets are a new key, and which one more of a key that is known.

The timestamp says it: all packets of a key carry the time at which it began. First
packets and ends get lost, and phones bend the rule: what is done about that stands at
each step (docs/keys.md).
"""

from collections import deque
from dataclasses import dataclass, replace
from typing import Final

NEXT_KEY_MS: Final = 80
"""No key begins sooner after another: 40 ms of tone, 40 ms of pause (ITU-T Q.24)."""
SEGMENT_MS: Final = 8191
"""What fits into the 16 bits of a duration; a longer key is cut (RFC 4733 2.5.1.3)."""
NEAR_END_MS: Final = 1000
ROUND_MS: Final = (1 << 32) // 8
"""The clock of telephone-event runs at 8 kHz, the timestamp has 32 bits."""
REMEMBERED: Final = 64


@dataclass(frozen=True, slots=True)
class KeyPacket:
    key: str
    timestamp_ms: int
    duration_ms: int
    """From the timestamp on."""
    is_end: bool


class KeyPackets:
    """Takes the packets of one leg in the order of their sequence numbers."""

    def __init__(self) -> None:
        self._now: KeyPacket | None = None
        self._known: deque[tuple[str, int]] = deque(maxlen=REMEMBERED)

    def is_new(self, packet: KeyPacket) -> bool:
        """Whether a key was pressed of which nothing was heard before."""
        now = self._now
        if now is not None:
            if self._is_late(packet, now):
                return False
            if _goes_on(packet, now):
                self._now = _added(packet, now)
                self._known.append((packet.key, packet.timestamp_ms))
                return False
        self._now = packet
        self._known.append((packet.key, packet.timestamp_ms))
        return True

    def _is_late(self, packet: KeyPacket, now: KeyPacket) -> bool:
        """An end that is sent again when the next key is down already."""
        if (packet.key, packet.timestamp_ms) not in self._known:
            return False
        if packet.timestamp_ms != now.timestamp_ms:
            return True
        # some phones use one timestamp for all keys: then only ends can be late
        return packet.key != now.key and packet.is_end


def _goes_on(packet: KeyPacket, now: KeyPacket) -> bool:
    """Whether it is one more packet of the key that is down now."""
    if packet.key != now.key:
        return False
    moved = (packet.timestamp_ms - now.timestamp_ms + ROUND_MS // 2) % ROUND_MS
    moved -= ROUND_MS // 2
    if (
        moved == 0
    ):  # unless one timestamp is used for all: then a key begins after an end
        began_anew = packet.duration_ms < now.duration_ms and not packet.is_end
        return not (now.is_end and began_anew)
    if 0 < moved < NEXT_KEY_MS:  # some phones move the timestamp on with each packet
        grows = packet.duration_ms >= now.duration_ms
        return grows and (packet.is_end or not now.is_end)
    if now.is_end or moved < 0:
        return False
    return moved <= now.duration_ms or (
        SEGMENT_MS <= moved <= SEGMENT_MS + 1
        and now.duration_ms > SEGMENT_MS - NEAR_END_MS
    )


def _added(packet: KeyPacket, now: KeyPacket) -> KeyPacket:
    """What is known of a key after one more packet of it."""
    duration = packet.duration_ms
    if packet.timestamp_ms == now.timestamp_ms:
        duration = max(duration, now.duration_ms)
    return replace(packet, duration_ms=duration, is_end=packet.is_end or now.is_end)
