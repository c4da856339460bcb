"""One key that comes two ways, and keys that wait."""

import asyncio

from tests.signals.sounds import frames, key, silence
from voiceplat.telephony.key_packets import KeyPacket
from voiceplat.telephony.keypad import Keypad, ToneEar, Way


def taken(keypad: Keypad) -> str:
    keys = ""
    while pressed := keypad.next():
        keys += pressed
    return keys


async def test_a_key_that_comes_two_ways_within_a_moment_is_one_key() -> None:
    keypad = Keypad()

    keypad.take("5", Way.PACKETS)
    await asyncio.sleep(0.2)
    keypad.take("5", Way.INFO)

    assert taken(keypad) == "5"


async def test_an_info_at_the_end_of_a_long_key_is_that_key() -> None:
    keypad = Keypad()

    for number in range(1, 100):
        keypad.take_packet(KeyPacket("5", 0, number * 20, is_end=False))
        await asyncio.sleep(0.02)
    keypad.take("5", Way.INFO)

    assert taken(keypad) == "5"


async def test_a_key_that_comes_another_way_later_is_another_key() -> None:
    keypad = Keypad()

    keypad.take("5", Way.PACKETS)
    await asyncio.sleep(0.4)
    keypad.take("5", Way.INFO)

    assert taken(keypad) == "55"


async def test_the_same_key_twice_by_info_is_two_keys() -> None:
    keypad = Keypad()

    keypad.take("5", Way.INFO)
    keypad.take("5", Way.INFO)

    assert taken(keypad) == "55"


async def test_an_info_at_the_end_of_a_long_tone_is_that_key() -> None:
    keypad = Keypad()
    ear = ToneEar(keypad, 8000)

    for frame in frames(silence(100), key("5", 1000, pause_ms=0)):
        ear.hear(frame)
        await asyncio.sleep(0.02)
    keypad.take("5", Way.INFO)

    assert taken(keypad) == "5"


async def test_what_is_forgotten_is_gone() -> None:
    keypad = Keypad()
    keypad.take("5", Way.PACKETS)

    keypad.forget()

    assert taken(keypad) == ""
