"""Order, loss and delay of a link's frames, one tick at a time."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voiceplat.links.jitter_buffer import FRAMES_MAX, RESERVE, WINDOW, JitterBuffer


def frame(number: int) -> bytes:
    return str(number).encode()


def put(buffer: JitterBuffer, *numbers: int) -> None:
    for number in numbers:
        buffer.put(number & 0xFFFF, frame(number))


def popped(buffer: JitterBuffer, times: int) -> list[int | None]:
    frames = [buffer.pop() for _ in range(times)]
    return [None if got is None else int(got) for got in frames]


def test_an_empty_buffer_is_silent() -> None:
    assert popped(JitterBuffer(), 2) == [None, None]


def test_a_frame_that_comes_each_tick_leaves_with_the_same_tick() -> None:
    buffer = JitterBuffer()

    for number in range(200):
        put(buffer, number)
        assert popped(buffer, 1) == [number]


def test_frames_that_overtook_each_other_leave_in_order() -> None:
    buffer = JitterBuffer()
    put(buffer, 1, 3, 2, 4)

    assert popped(buffer, 4) == [1, 2, 3, 4]


def test_numbers_go_on_after_the_last() -> None:
    buffer = JitterBuffer()
    put(buffer, *range(0xFFFD, 0x10003))

    assert popped(buffer, 6) == list(range(0xFFFD, 0x10003))


def test_a_lost_frame_is_silence_in_its_place() -> None:
    buffer = JitterBuffer()
    put(buffer, 1, 2, 4, 5)

    assert popped(buffer, 5) == [1, 2, None, 4, 5]
    assert buffer.lost == 1


def test_a_frame_that_was_waited_for_is_played_later_and_all_others_with_it() -> None:
    buffer = JitterBuffer()
    put(buffer, 1)
    assert popped(buffer, 2) == [1, None]

    put(buffer, 2, 3)

    assert popped(buffer, 2) == [2, 3]
    assert (buffer.lost, buffer.late) == (0, 0)


def test_a_lost_frame_that_was_waited_for_is_not_silent_twice() -> None:
    buffer = JitterBuffer()
    put(buffer, 1)
    assert popped(buffer, 2) == [1, None]

    put(buffer, 3)

    assert popped(buffer, 1) == [3]
    assert buffer.lost == 1


def test_a_frame_after_its_turn_is_dropped() -> None:
    buffer = JitterBuffer()
    put(buffer, 1, 3)
    assert popped(buffer, 3) == [1, None, 3]

    put(buffer, 2)

    assert popped(buffer, 1) == [None]
    assert buffer.late == 1


def test_a_frame_that_comes_twice_is_played_once() -> None:
    buffer = JitterBuffer()
    put(buffer, 1, 1, 2)

    assert popped(buffer, 3) == [1, 2, None]


def test_of_a_burst_only_the_end_is_played() -> None:
    buffer = JitterBuffer()
    put(buffer, *range(200))

    first = popped(buffer, 1)[0]

    assert first is not None
    assert first > 199 - FRAMES_MAX


def test_what_is_always_in_reserve_is_skipped() -> None:
    buffer = JitterBuffer()
    put(buffer, *range(6))

    for number in range(6, 6 + 2 * WINDOW):
        put(buffer, number)
        buffer.pop()

    put(buffer, 6 + 2 * WINDOW)
    assert popped(buffer, 1) == [6 + 2 * WINDOW - RESERVE]
    assert buffer.skipped == 6 - RESERVE


def test_a_stream_that_begins_anew_is_followed() -> None:
    buffer = JitterBuffer()
    put(buffer, 1, 2)
    popped(buffer, 2)

    put(buffer, 30_000)

    assert popped(buffer, 1) == [30_000]


@given(
    start=st.integers(0, 0xFFFF),
    seed=st.integers(0, 2**32),
    lose=st.floats(0, 0.5),
    swap=st.floats(0, 0.5),
)
def test_whatever_the_network_does_frames_leave_in_order_and_once(
    start: int, seed: int, lose: float, swap: float
) -> None:
    chance = random.Random(seed)  # noqa: S311 - a network, no secret
    sent = [start + n for n in range(300) if chance.random() >= lose]
    for n in range(len(sent) - 1):
        if chance.random() < swap:
            sent[n], sent[n + 1] = sent[n + 1], sent[n]
    buffer, left = JitterBuffer(), []
    while sent:
        for _ in range(chance.choice([0, 1, 1, 1, 2])):
            if sent:
                put(buffer, sent.pop(0))
        left += popped(buffer, 1)
    left += popped(buffer, 10 * FRAMES_MAX)

    played = [number for number in left if number is not None]

    whole = [start + (number - start) % 0x10000 for number in played]
    assert whole == sorted(set(whole))
    assert buffer.received == len(played) + buffer.late + buffer.skipped


@pytest.mark.parametrize("jitter_frames", [1, 2, 3])
def test_a_link_that_shakes_is_delayed_by_what_it_shakes_and_loses_nothing(
    jitter_frames: int,
) -> None:
    chance = random.Random(7)  # noqa: S311
    arrivals: dict[int, list[int]] = {}
    for number in range(500):
        arrivals.setdefault(number + chance.randint(0, jitter_frames), []).append(
            number
        )
    buffer, played = JitterBuffer(), {}

    for tick in range(500):
        put(buffer, *arrivals.get(tick, []))
        if (got := buffer.pop()) is not None:
            played[int(got)] = tick

    settled = {number: tick for number, tick in played.items() if number > 50}
    assert max(tick - number for number, tick in settled.items()) <= jitter_frames + 1
    assert len(played) >= 495 - 2 * jitter_frames
