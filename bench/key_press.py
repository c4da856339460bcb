"""A caller who presses a key: packets of RFC 4733 in the place of its sound."""

import struct
from typing import Final

from bench.rtp import HEADER

TELEPHONE_EVENT: Final = 101
"""Payload type in the offers of the scenarios."""
MARKER: Final = 0x80
END: Final = 0x80
VOLUME_DBM0: Final = 10
EVENT: Final = struct.Struct("!BBH")
SAMPLES: Final = 160
DOWN_PACKETS: Final = 5
END_PACKETS: Final = 3


class KeyPress:
    """Takes the place of the packets of one stream from its `first` one on."""

    def __init__(self, key: int, first: int) -> None:
        self._key = key
        self._until = first
        self._sent = 0
        self._timestamp = 0

    def instead_of(self, datagram: bytes) -> bytes:
        """The packet of the key; the datagram itself before and after."""
        if self._until:
            self._until -= 1
            return datagram
        if self._sent == DOWN_PACKETS + END_PACKETS:
            return datagram
        version, _, sequence, timestamp, ssrc = HEADER.unpack_from(datagram)
        if not self._sent:
            self._timestamp = timestamp
        marker = 0 if self._sent else MARKER
        self._sent += 1
        is_end = self._sent > DOWN_PACKETS
        header = HEADER.pack(
            version, marker | TELEPHONE_EVENT, sequence, self._timestamp, ssrc
        )
        loudness = VOLUME_DBM0 | (END if is_end else 0)
        down = min(self._sent, DOWN_PACKETS) * SAMPLES
        return header + EVENT.pack(self._key, loudness, down)
