"""The links of one sampling rate: packets of all of them in one array, a row for each.

The room is mixed at 8 kHz. What comes at 16 kHz is brought down to it and its answer up
again: a phone of 16 kHz sounds in the room as one of 8 kHz does.
"""

import secrets

import numpy as np
import numpy.typing as npt

from voiceplat.links.jitter_buffer import JUMP
from voiceplat.links.rtp import (
    MARKER,
    PAYLOAD_TYPES,
    VERSION_2,
    frame_bytes,
    samples_of,
)
from voiceplat.mixer.half_band import Doubler, Halver, Rows
from voiceplat.mixer.sounds import ROOM_RATE_HZ
from voiceplat.mixer.wires import Wire


class Band:
    def __init__(self, rate_hz: int) -> None:
        self.members: list[int] = []
        """Of each row."""
        self._wires: list[Wire] = []
        self._payload_type = PAYLOAD_TYPES[rate_hz]
        self._samples = samples_of(rate_hz)
        self._silence = bytes(frame_bytes(rate_hz))
        self._packets = np.zeros(0, _packet_of(self._samples))
        self._is_wide = rate_hz != ROOM_RATE_HZ
        self._halver, self._doubler = Halver(), Doubler()

    def add(self, member: int, wire: Wire) -> None:
        # np.append would turn the network's byte order into the machine's
        packets = np.zeros(len(self.members) + 1, self._packets.dtype)
        packets[:-1] = self._packets
        packets["version"] = VERSION_2
        packets["kind"][-1] = self._payload_type | MARKER
        packets["sequence"][-1] = secrets.randbits(16)
        packets["timestamp"][-1] = secrets.randbits(32)
        packets["ssrc"][-1] = wire.end.ssrc
        self._packets = packets
        self.members.append(member)
        self._wires.append(wire)
        self._halver.add()
        self._doubler.add()

    def remove(self, member: int) -> None:
        row = self.members.index(member)
        self._packets = np.delete(self._packets, row)
        self._halver.remove(row)
        self._doubler.remove(row)
        del self.members[row], self._wires[row]

    def spoken(self) -> Rows:
        """20 ms of each member, at the room's rate; silence where nothing has come."""
        frames = [wire.buffer.pop() or self._silence for wire in self._wires]
        rows = np.frombuffer(b"".join(frames), ">i2").astype(np.int16)
        rows = rows.reshape(len(frames), self._samples)
        return self._halver.halved(rows) if self._is_wide else rows

    def send(self, heard: Rows) -> None:
        """To each member the row that is its own, at the room's rate."""
        packets = self._packets
        packets["sequence"] += 1
        packets["timestamp"] += self._samples
        packets["pcm"] = self._doubler.doubled(heard) if self._is_wide else heard
        raw, size = memoryview(packets.tobytes()), packets.itemsize
        for row, wire in enumerate(self._wires):
            wire.send(raw[row * size : (row + 1) * size])
        packets["kind"] = self._payload_type

    def pass_over(self, ticks: int) -> None:
        """So many frames of each member, and to each, are given up."""
        for wire in self._wires:
            for _ in range(min(ticks, JUMP)):
                wire.buffer.pop()
        self._packets["timestamp"] += ticks * self._samples


def _packet_of(samples: int) -> npt.DTypeLike:
    return np.dtype(
        [
            ("version", "u1"),
            ("kind", "u1"),
            ("sequence", ">u2"),
            ("timestamp", ">u4"),
            ("ssrc", ">u4"),
            ("pcm", ">i2", samples),
        ]
    )
