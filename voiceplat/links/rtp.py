"""How a link's audio lies in a packet: RTP (RFC 3550, 3551), L16 mono, 20 ms each."""

import struct
from typing import Final

FRAME_US: Final = 20_000
SAMPLE_BYTES: Final = 2
HEADER: Final = struct.Struct(">BBHII")
"""Version, marker and payload type, sequence number, timestamp, SSRC."""
VERSION_2: Final = 0x80
MARKER: Final = 0x80
PAYLOAD_TYPES: Final = {8000: 97, 16000: 98}
"""Of each sampling rate in Hz; dynamic ones: L16 of these rates has no number."""
READ_BYTES: Final = 2048
READ_BUFFER_BYTES: Final = 32 * 1024
"""Of one link, some 40 packets: what nobody asked for is of no use later."""


def samples_of(rate_hz: int) -> int:
    """Samples in a frame."""
    return rate_hz * FRAME_US // 1_000_000


def frame_bytes(rate_hz: int) -> int:
    return samples_of(rate_hz) * SAMPLE_BYTES
