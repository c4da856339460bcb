"""Who takes the floor, in virtual time."""

from collections.abc import Iterator
from itertools import cycle

import numpy as np
import pytest

from tests.mixer.conftest import Join
from tests.mixer.phones import Phone, running, talk, tone
from voiceplat.mixer.floor import SPEAKS_DBFS, Floor
from voiceplat.mixer.mix import Mix
from voiceplat.signals.pcm import rms_of

SPEECH = 4000
"""Amplitude: -21 dBFS."""
SECOND = 50
SILENCE = bytes(320)


def speak(phone: Phone, amplitude: float = SPEECH) -> None:
    phone.says = tone(400, amplitude=amplitude)


def hush(phone: Phone) -> None:
    phone.says = SILENCE


@pytest.fixture
def three(join: Join) -> list[Phone]:
    phones = [join(number) for number in (1, 2, 3)]
    for phone in phones:
        hush(phone)
    return phones


async def test_one_after_the_other(
    mix: Mix, three: list[Phone], floors: list[int]
) -> None:
    async with running(mix):
        await talk(three, SECOND)
        assert floors == []
        for phone in (three[0], three[1], three[1], three[0]):
            speak(phone)
            await talk(three, SECOND)
            hush(phone)
            await talk(three, SECOND)

    assert floors == [1, 2, 1], "who speaks again has it already"


async def test_who_has_it_keeps_it_until_he_is_silent(
    mix: Mix, three: list[Phone], floors: list[int]
) -> None:
    async with running(mix):
        speak(three[0])
        await talk(three, SECOND)
        speak(three[1], SPEECH * 1.5)
        await talk(three, SECOND)
        assert floors == [1]

        hush(three[0])
        await talk(three, SECOND)

    assert floors == [1, 2]


async def test_who_is_much_louder_takes_it(
    mix: Mix, three: list[Phone], floors: list[int]
) -> None:
    async with running(mix):
        speak(three[0])
        await talk(three, SECOND)
        speak(three[2], SPEECH * 4)
        await talk(three, SECOND)

    assert floors == [1, 3]


async def test_a_click_and_a_quiet_line_are_no_speech(
    mix: Mix, three: list[Phone], floors: list[int]
) -> None:
    async with running(mix):
        for _ in range(5):
            speak(three[0], 32000)
            await talk(three, 1)
            hush(three[0])
            await talk(three, SECOND // 2)
        speak(three[1], rms_of(SPEAKS_DBFS - 2) * 2**0.5)
        await talk(three, 2 * SECOND)

    assert floors == []


async def test_pauses_between_words_do_not_lose_it(
    mix: Mix, three: list[Phone], floors: list[int]
) -> None:
    """Two who take turns within half a second talk at the same time."""
    words = cycle([(three[0], three[1]), (three[1], three[0])])
    async with running(mix):
        speak(three[0])
        await talk(three, SECOND)
        for _ in range(10):
            one, other = next(words)
            speak(one)
            hush(other)
            await talk(three, SECOND // 5)

    assert floors == [1]


async def test_who_may_not_speak_does_not_take_it(
    mix: Mix, three: list[Phone], floors: list[int]
) -> None:
    mix.allow(1, speaks=False, hears=True)
    async with running(mix):
        speak(three[0])
        await talk(three, SECOND)
        assert floors == []

        speak(three[1])
        await talk(three, SECOND)
        mix.allow(2, speaks=False, hears=True)
        mix.allow(1, speaks=True, hears=True)
        await talk(three, SECOND)

    assert floors == [2, 1]


async def test_it_is_free_when_its_holder_leaves(
    mix: Mix, three: list[Phone], floors: list[int]
) -> None:
    async with running(mix):
        speak(three[1])
        speak(three[2])
        await talk(three, SECOND)
        assert floors == [2]

        mix.remove(2)
        await talk(three, SECOND // 5)
        assert floors == [2, 3]

        mix.remove(1)
        await talk(three, SECOND)

    assert floors == [2, 3]


async def test_whoever_is_told_may_change_the_room(join: Join, mix: Mix) -> None:
    told: list[int] = []

    def throw_out(member: int) -> None:
        told.append(member)
        mix.remove(member)

    mix._desk._on_floor = throw_out
    one, two = join(1), join(2)
    speak(one)
    speak(two)

    async with running(mix):
        await talk([one, two], SECOND)

    assert sorted(told) == [1, 2]
    assert not mix.quality


def babble(seed: int) -> Iterator[int]:
    """Loudness of speech, in 20 ms: syllables, pauses."""
    chance = np.random.default_rng(seed)
    while True:
        for amplitude in chance.uniform(500, 6000, chance.integers(5, 15)):
            yield int(amplitude)
        yield from [0] * int(chance.integers(1, 8))


def test_one_who_speaks_alone_takes_it_once_within_a_fifth_of_a_second() -> None:
    floor = Floor()
    for _ in range(2):
        floor.add()
    loudness = babble(3)

    taken = [
        tick
        for tick in range(500)
        if floor.hear(np.array([[next(loudness)] * 160, [20, -20] * 80], np.int32))
        is not None
    ]

    assert len(taken) == 1
    assert taken[0] <= 10
