"""Clocks: what happens when one stops, goes wrong, or everything is in real time."""

import asyncio
from collections.abc import Iterable

import pytest

from tests.mixer.conftest import Join
from tests.mixer.phones import (
    PATIENCE_S,
    Phone,
    running,
    stall,
    talk,
    tone,
    tones_in,
    voice,
)
from voiceplat.mixer.mix import TICK_S, Mix

TALE = [tone(voice(number)) for number in range(48)]
"""Frames that can be told apart."""


class Teller:
    """Tells frame after frame of the tale, so that a listener knows how old it is."""

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.told = 0

    def say(self) -> None:
        self.phone.says = TALE[self.told % len(TALE)]
        self.phone.say()
        self.told += 1

    async def tell(self, frames: int, *, pace: float = 1.0) -> None:
        for _ in range(frames):
            self.say()
            await asyncio.sleep(TICK_S * pace)
            self.phone.hear()


def frame_numbers(frames: Iterable[bytes]) -> list[int | None]:
    return [
        (min(tones) - voice(0)) // 50 if (tones := tones_in(frame)) else None
        for frame in frames
    ]


def age(teller: Teller, listener: Phone) -> int:
    """Frames between what is told now and what was heard last that was no silence."""
    heard = [it for it in frame_numbers(listener.heard[-5:]) if it is not None]
    return (teller.told - heard[-1]) % len(TALE)


@pytest.fixture
def teller(join: Join) -> Teller:
    return Teller(join(1))


@pytest.fixture
def listener(mix: Mix, join: Join) -> Phone:
    phone = join(2)
    mix.allow(2, speaks=False, hears=True)
    return phone


async def both(
    teller: Teller, listener: Phone, frames: int, *, pace: float = 1.0
) -> None:
    """`pace` is how much longer than 20 ms the teller's frames are."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(teller.tell(round(frames / pace), pace=pace))
        tasks.create_task(talk([listener], frames))


def stalled(teller: Teller, listener: Phone, ticks: int) -> None:
    """The mixer does nothing for so many ticks; the others go on."""
    for _ in range(ticks):
        teller.say()
        listener.say()
        stall(TICK_S)
        listener.hear()


async def test_after_200_ms_without_the_process_the_sound_is_as_fresh_as_before(
    mix: Mix, teller: Teller, listener: Phone, gaps: list[int]
) -> None:
    async with running(mix):
        await both(teller, listener, 100)
        before = age(teller, listener)
        came = listener.socket.buffer.received
        stalled(teller, listener, 10)
        await both(teller, listener, 3)
        burst = listener.socket.buffer.received - came
        await both(teller, listener, 20)

    assert burst <= 5, "one frame a tick, not what was missed"
    assert age(teller, listener) <= before + 1
    assert mix.quality[1].received == teller.told
    assert 8 <= sum(gaps) <= 10


async def test_a_short_stop_loses_nothing(
    mix: Mix, teller: Teller, listener: Phone, gaps: list[int]
) -> None:
    async with running(mix):
        await both(teller, listener, 20)
        stalled(teller, listener, 2)
        await both(teller, listener, 40)

    heard = [it for it in frame_numbers(listener.heard) if it is not None]
    assert heard == [number % len(TALE) for number in range(len(heard))]
    assert len(heard) >= teller.told - 6
    assert gaps == []


@pytest.mark.parametrize("pace", [0.999, 1.001])
async def test_clocks_that_drift_cost_a_frame_now_and_then_and_no_delay(
    mix: Mix, teller: Teller, listener: Phone, pace: float
) -> None:
    """0.1 % is ten times what a bad crystal does; a minute of it is three frames."""
    async with running(mix):
        await both(teller, listener, 3000, pace=pace)
        assert age(teller, listener) <= 4

    heard = [it for it in frame_numbers(listener.heard) if it is not None]
    assert len(heard) >= teller.told - 10
    assert mix.quality[1].lost == 0


async def test_others_go_on_as_before_when_one_stops_sending(
    mix: Mix, join: Join, teller: Teller, listener: Phone
) -> None:
    third = join(49)
    async with running(mix), asyncio.TaskGroup() as tasks:
        tasks.create_task(talk([third], 50))
        await both(teller, listener, 50)
        before = age(teller, listener)
        listener.heard.clear()
        await both(teller, listener, 100)

    heard = [it for it in frame_numbers(listener.heard[2:]) if it is not None]
    assert len(heard) >= 96
    assert age(teller, listener) == before


@pytest.mark.real_time
async def test_ten_in_real_time_over_udp_hear_each_other(mix: Mix, join: Join) -> None:
    phones = [join(n, rate_hz=16000 if n == 9 else 8000) for n in range(10)]
    voices = {voice(n) for n in range(10)}

    async with running(mix), asyncio.timeout(PATIENCE_S):
        while not all(
            phone.heard and phone.tones == voices - {voice(phone.member)}
            for phone in phones
        ):
            await talk(phones, 1)
        mix.allow(3, speaks=False, hears=True)
        mix.remove(4)
        expected = voices - {voice(3), voice(4)}
        rest = [phone for phone in phones if phone.member != 4]
        while not all(it.tones == expected - {voice(it.member)} for it in rest):
            await talk(rest, 1)
