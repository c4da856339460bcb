"""The sound of one room: links in, and out to each member the mix of all others.

Knows no names and no rules: a member is a number that its caller chose. A room is mixed
at 8 kHz.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from voiceplat.calls.link import LinkEnd
from voiceplat.links.rtp import FRAME_US
from voiceplat.mixer.band import Band
from voiceplat.mixer.desk import Desk, Recording
from voiceplat.mixer.sounds import FRAME, Sound, read
from voiceplat.mixer.wires import Wire, Wires

TICK_S: Final = FRAME_US / 1_000_000
MADE_UP_FOR: Final = 2
"""Ticks that came too late and are done at once, one after the other: the buffers at
the other ends take so many. When there are more, all of them are left out."""


@dataclass(frozen=True, slots=True)
class LinkQuality:
    """What has come from a member, in packets of 20 ms."""

    received: int
    lost: int
    """Those that did not come when their turn was."""
    late: int
    """Those that came after their turn, or twice."""


class Mix:
    """A room's sound. One event loop owns it: everything is called in that loop."""

    def __init__(
        self,
        *,
        host: str,
        ports: Iterable[int] = (0,),
        on_floor: Callable[[int], None] | None = None,
        on_gap: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Links end at `host`, on the first of `ports` that are free (0: any).

        `on_floor` is told who takes the floor: a member who may speak, is heard
        speaking, and is not who had the floor last. `on_gap` is told how many ticks
        were left out, because there was no time for them.
        """
        self._wires = Wires(host, ports)
        self._of: dict[int, tuple[Band, Wire]] = {}
        self._bands = {rate_hz: Band(rate_hz) for rate_hz in (8000, 16000)}
        self._desk = Desk(on_floor)
        self._on_gap = on_gap

    async def run(self) -> None:
        """Mix every 20 ms until it is cancelled; then all links are closed."""
        clock = asyncio.get_running_loop().time
        due = clock()
        try:
            while True:
                due += TICK_S
                await asyncio.sleep(due - clock())
                missed = int((clock() - due) / TICK_S)
                if missed > MADE_UP_FOR:
                    self._pass_over(missed)
                    due += missed * TICK_S
                self._tick()
        finally:
            self._wires.close()

    def add(self, member: int, other: LinkEnd, *, rate_hz: int = 8000) -> LinkEnd:
        """Our end of the link to a new member, whose end is `other`.

        `rate_hz` is the link's, 8000 or 16000. The member speaks and hears. Raises
        Unavailable when no port is free.
        """
        if member in self._of:
            raise ValueError(f"member {member} is here already")
        band = self._bands[rate_hz]
        wire = self._wires.add(other, rate_hz)
        self._of[member] = (band, wire)
        band.add(member, wire)
        self._desk.add(member)
        return wire.end

    def remove(self, member: int) -> None:
        """Nothing goes to the member or comes from it any more."""
        band, wire = self._of.pop(member)
        self._wires.remove(wire)
        band.remove(member)
        self._desk.remove(member)

    def allow(self, member: int, *, speaks: bool, hears: bool) -> None:
        """Whether the room hears the member, and the member the room."""
        self._desk.allow(member, speaks=speaks, hears=hears)

    async def play(
        self,
        audio: Sequence[Path],
        *,
        to: Collection[int] | None = None,
        loop: bool = False,
    ) -> None:
        """WAV files (16-bit mono, 8 or 16 kHz) one after the other, until they end.

        Everybody who hears the room hears them, who comes later too; or the members
        `to` alone, on top of what they hear and even if they do not hear the room.
        Several may play at once. Cancelled, it is silent at once. Raises MediaError
        when a file is no such WAV.
        """
        samples = await read(audio)
        if len(samples):
            sound = Sound(samples, to=to, loop=loop)
            with self._desk.playing(sound):
                await sound.over.wait()

    @property
    def quality(self) -> Mapping[int, LinkQuality]:
        """Of each member who is here."""
        return {
            member: LinkQuality(
                received=wire.buffer.received,
                lost=wire.buffer.lost,
                late=wire.buffer.late,
            )
            for member, (_, wire) in self._of.items()
        }

    def record(self, write: Callable[[bytes], None]) -> Recording:
        """Give `write` each 20 ms of the whole mix: 16-bit mono at 8 kHz, as in a WAV.

        The whole mix is all who may speak and all that everybody hears; silence is
        given, too. `write` must neither wait nor fail: the room would with it.
        """
        return Recording(self._desk, write)

    def _tick(self) -> None:
        self._wires.receive()
        spoken = np.zeros((len(self._desk.rows), FRAME), np.int16)
        used = [band for band in self._bands.values() if band.members]
        bands = [(band, self._rows_of(band)) for band in used]
        for band, rows in bands:
            spoken[rows] = band.spoken()
        heard = self._desk.mix(spoken)
        for band, rows in bands:
            band.send(heard[rows])
        self._desk.tell()

    def _rows_of(self, band: Band) -> list[int]:
        return [self._desk.rows[member] for member in band.members]

    def _pass_over(self, ticks: int) -> None:
        """Time in which nobody got anything: what came in it is not played later."""
        self._wires.receive()
        for band in self._bands.values():
            band.pass_over(ticks)
        self._desk.pass_over(ticks)
        self._on_gap(ticks)
