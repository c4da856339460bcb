"""Members of a room as a test has them: each says a tone and keeps what it hears.

All tones are whole multiples of 50 Hz, so that one frame of 20 ms holds whole waves of
each and a Fourier transform of that one frame tells who is in it, exactly.
"""

import asyncio
import time
import wave
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from tests.virtual_time import VirtualTimeLoop
from voiceplat.links.link_socket import LinkSocket
from voiceplat.mixer.mix import TICK_S, Mix

HOST: Final = "127.0.0.1"
PATIENCE_S: Final = 20.0
STEP_HZ: Final = 50
QUIET: Final = 500
"""Amplitude of a tone; 60 of them at once fit into 16 bits."""
HEARD: Final = 100
"""Least amplitude of a tone that is there."""


def voice(member: int) -> int:
    """The tone of each member, in Hz; for up to 50 of them."""
    return 300 + STEP_HZ * member


def tone(
    hz: float, *, rate_hz: int = 8000, amplitude: float = QUIET, frames: int = 1
) -> bytes:
    """Frames of 20 ms."""
    time_s = np.arange(frames * rate_hz // 50) / rate_hz
    wave_form = amplitude * np.sin(2 * np.pi * hz * time_s)
    return wave_form.round().astype("<i2").tobytes()


def tones_in(frame: bytes, rate_hz: int = 8000) -> set[int]:
    """Frequencies in Hz of all tones in a frame."""
    samples = np.frombuffer(frame, "<i2").astype(float)
    strength = np.abs(np.fft.rfft(samples)) / (len(samples) / 2)
    found: npt.NDArray[np.intp] = np.flatnonzero(strength > HEARD)
    return {int(place) * STEP_HZ for place in found}


def samples(frame: bytes) -> npt.NDArray[np.int64]:
    """So wide that a test may add and multiply them."""
    return np.frombuffer(frame, "<i2").astype(np.int64)


def write_wav(
    path: Path, pcm: bytes, *, rate_hz: int = 8000, channels: int = 1
) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(pcm)
    return path


class Phone:
    """One member's end of the link; close it when the test is over."""

    def __init__(
        self,
        mix: Mix,
        member: int,
        *,
        hz: float | None = None,
        rate_hz: int = 8000,
        amplitude: float = QUIET,
    ) -> None:
        self.member = member
        self.rate_hz = rate_hz
        self.socket = LinkSocket(HOST, rate_hz=rate_hz)
        self.socket.meet(mix.add(member, self.socket.end, rate_hz=rate_hz))
        self.says = tone(hz or voice(member), rate_hz=rate_hz, amplitude=amplitude)
        """A frame; nothing at all is a pause."""
        self.heard: list[bytes] = []
        """Frame by frame."""

    @property
    def tones(self) -> set[int]:
        """Of the frame that was heard last."""
        return tones_in(self.heard[-1], self.rate_hz)

    def times_heard(self, hz: int) -> int:
        """Frames in which that tone was."""
        return sum(hz in tones_in(frame, self.rate_hz) for frame in self.heard)

    def say(self) -> None:
        self.socket.send(self.says)

    def hear(self) -> None:
        silence = bytes(self.rate_hz // 50 * 2)
        self.heard.append(self.socket.next_frame() or silence)

    def hear_the_next(self) -> None:
        """Waits until something new has come."""
        before = self.socket.buffer.received

        def has_come() -> bool:
            self.socket.receive()
            return self.socket.buffer.received > before

        until(has_come)
        self.hear()


def pass_a_tick(mix: Mix, phones: Iterable[Phone]) -> None:
    """Everybody says one frame, the room is mixed once, everybody hears it."""
    phones = list(phones)
    said = {one.member: mix.quality[one.member].received + 1 for one in phones}
    for phone in phones:
        phone.say()

    def all_is_there() -> bool:
        mix._wires.receive()
        there = mix.quality
        return all(there[member].received >= count for member, count in said.items())

    until(all_is_there)
    mix._tick()
    for phone in phones:
        phone.hear_the_next()


def until(condition: Callable[[], object]) -> None:
    """Loopback is as good as immediate, unless the machine is very busy."""
    give_up = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up, "nothing came"
        time.sleep(0.001)


@asynccontextmanager
async def running(mix: Mix) -> AsyncIterator[None]:
    task = asyncio.create_task(mix.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def talk(phones: Iterable[Phone], ticks: int, *, pace: float = 1.0) -> None:
    """So many frames of each; `pace` is how much longer than 20 ms each of them is."""
    for _ in range(ticks):
        for phone in phones:
            phone.say()
        await asyncio.sleep(TICK_S * pace)
        for phone in phones:
            phone.hear()


def stall(seconds: float) -> None:
    """The process does nothing for so long."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualTimeLoop)
    loop.pass_time(seconds)
