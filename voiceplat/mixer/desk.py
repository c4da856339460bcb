"""The arithmetic of a room, a tick of 20 ms at a time: no network, no clock.

Everything that may be heard is added up once; a member hears the sum without its own
part. Sums have 32 bits, and what is too loud for 16 is cut there, never wrapped around.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
import numpy.typing as npt

from voiceplat.mixer.floor import Floor
from voiceplat.mixer.half_band import Rows
from voiceplat.mixer.sounds import FRAME, Sound

SILENCE: Final = bytes(FRAME * 2)

Sums = npt.NDArray[np.int32]


class Recording:
    """A room is being recorded, until `stop`."""

    def __init__(self, desk: "Desk", write: Callable[[bytes], None]) -> None:
        self.write = write
        self._recordings = desk.recordings
        self._recordings.append(self)

    def stop(self) -> None:
        """Nothing more is written; it does no harm to stop twice."""
        if self in self._recordings:
            self._recordings.remove(self)


class Desk:
    def __init__(self, on_floor: Callable[[int], None] | None) -> None:
        self.rows: dict[int, int] = {}
        """Of each member, in the order in which they came."""
        self._on_floor = on_floor
        self._floor = Floor()
        self._speaks = np.zeros((0, 1), bool)
        self._hears = np.zeros((0, 1), bool)
        self._sounds: list[Sound] = []
        self.recordings: list[Recording] = []
        self._own: Sums = np.zeros((0, FRAME), np.int32)
        self._room: Sums = np.zeros(FRAME, np.int32)

    def add(self, member: int) -> None:
        self.rows[member] = len(self.rows)
        self._speaks = np.append(self._speaks, [[True]], axis=0)
        self._hears = np.append(self._hears, [[True]], axis=0)
        self._floor.add()

    def remove(self, member: int) -> None:
        row = self.rows.pop(member)
        self.rows = {other: number for number, other in enumerate(self.rows)}
        self._speaks = np.delete(self._speaks, row, axis=0)
        self._hears = np.delete(self._hears, row, axis=0)
        self._floor.remove(row)

    def allow(self, member: int, *, speaks: bool, hears: bool) -> None:
        row = self.rows[member]
        self._speaks[row], self._hears[row] = speaks, hears

    @contextmanager
    def playing(self, sound: Sound) -> Iterator[None]:
        self._sounds.append(sound)
        try:
            yield
        finally:
            self._sounds.remove(sound)

    def mix(self, spoken: Rows) -> Rows:
        """What each member hears, of what each one says: a row for each, in order."""
        own = np.where(self._speaks, spoken, np.int32(0))
        room = own.sum(axis=0, dtype=np.int32)
        alone: list[tuple[list[int], Sums]] = []
        for sound in self._sounds:
            frame = sound.next_frame().astype(np.int32)
            if sound.to is None:
                room += frame
            else:
                rows = [self.rows[it] for it in sound.to if it in self.rows]
                alone.append((rows, frame))
        heard = np.where(self._hears, room - own, np.int32(0))
        for rows, frame in alone:
            heard[rows] += frame
        self._own, self._room = own, room
        return _as_samples(heard)

    def tell(self) -> None:
        """Those who record, and who wants to know of the floor, of what was mixed last.

        They may do to the room what they want: the members have heard it.
        """
        if self._on_floor is not None and self.rows:
            row = self._floor.hear(self._own)
            if row is not None:
                self._on_floor(tuple(self.rows)[row])
        if self.recordings:
            self._write(_as_samples(self._room).astype("<i2").tobytes())

    def pass_over(self, ticks: int) -> None:
        """Time that nobody mixed: silent in every recording."""
        for _ in range(ticks):
            self._write(SILENCE)

    def _write(self, frame: bytes) -> None:
        for recording in tuple(self.recordings):
            recording.write(frame)


def _as_samples(sums: Sums) -> Rows:
    return sums.clip(-32768, 32767).astype(np.int16)
