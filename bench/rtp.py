"""RTP as its receiver sees it: when packets came, what was missing, what is sound."""

import struct
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

GAP_NS: Final = 40_000_000
"""Two packet times: what a small jitter buffer cannot hide."""
HEADER: Final = struct.Struct("!BBHII")
LOUD: Final = 100
"""Of 32768, for the loudest sample of a packet to be more than comfort noise."""
_SEQUENCES: Final = 1 << 16


class Packet(NamedTuple):
    sequence: int
    ssrc: int
    payload: bytes


def parse(datagram: bytes) -> Packet | None:
    """None when it is no RTP of ours: RTCP, or too short."""
    if len(datagram) < HEADER.size:
        return None
    first, kind, sequence, _, ssrc = HEADER.unpack_from(datagram)
    if first != 0x80 or kind & 0x7F >= 72:
        return None
    return Packet(sequence, ssrc, datagram[HEADER.size :])


def is_sound(pcmu: bytes) -> bool:
    """Whether G.711 µ-law holds more than silence."""
    return bool(pcmu) and int(_MAGNITUDE[np.frombuffer(pcmu, np.uint8)].max()) > LOUD


def _magnitudes() -> "np.ndarray[tuple[int], np.dtype[np.int32]]":
    """How far each µ-law byte is from zero (ITU-T G.711, table 2)."""
    byte = ~np.arange(256, dtype=np.int32) & 0xFF
    exponent, mantissa = (byte >> 4) & 7, byte & 0x0F
    return (((mantissa << 3) + 132) << exponent) - 132


_MAGNITUDE: Final = _magnitudes()


@dataclass(slots=True)
class Stream:
    """The packets of one source."""

    packets: int = 0
    gaps: int = 0
    """Intervals between two packets longer than GAP_NS."""
    lost: int = 0
    spacings_ms: list[float] = field(default_factory=list, repr=False)
    """Between each packet and the one before."""
    _last_ns: int = field(default=-1, repr=False)
    _last_sequence: int = field(default=-1, repr=False)

    def take(self, sequence: int, at_ns: int) -> None:
        """Packets in the order in which they came."""
        if self._last_ns >= 0:
            interval = at_ns - self._last_ns
            self.gaps += interval > GAP_NS
            self.spacings_ms.append(interval / 1e6)
            ahead = (sequence - self._last_sequence) % _SEQUENCES
            if 1 < ahead < _SEQUENCES // 2:
                self.lost += ahead - 1
        self.packets += 1
        self._last_ns = at_ns
        self._last_sequence = sequence
