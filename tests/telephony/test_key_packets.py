"""What is a new key, decided without a network."""

import itertools
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from voiceplat.telephony.key_packets import ROUND_MS, KeyPacket, KeyPackets

KEYS = "0123456789*#ABCD"
PACKET_MS = 20
SEGMENT_TICKS = 0xFFFF
ENDS = 3

Sent = list[tuple[str, list[KeyPacket]]]
"""The keys that were pressed, each with its packets."""


def pressed(packets: Iterator[KeyPacket] | list[KeyPacket]) -> str:
    keys = KeyPackets()
    return "".join(packet.key for packet in packets if keys.is_new(packet))


def packets_of(key: str, begins_ticks: int, length_ms: int) -> Iterator[KeyPacket]:
    """What a phone sends that keeps to RFC 4733; times as the library tells them."""
    begins, length = begins_ticks, length_ms * 8
    done = 0
    while length - done > SEGMENT_TICKS:
        for ticks in range(PACKET_MS * 8, SEGMENT_TICKS, PACKET_MS * 8):
            yield packet(key, begins + done, ticks)
        done += SEGMENT_TICKS
    for ticks in range(PACKET_MS * 8, length - done, PACKET_MS * 8):
        yield packet(key, begins + done, ticks)
    for _ in range(ENDS):
        yield packet(key, begins + done, length - done, is_end=True)


def packet(key: str, begins: int, ticks: int, *, is_end: bool = False) -> KeyPacket:
    return KeyPacket(key, begins % (1 << 32) // 8, ticks // 8, is_end)


@st.composite
def sent(draw: DrawFn) -> Sent:
    """Any keys of any length, from any time on, the clock's overflow included."""
    now = draw(st.integers(0, (1 << 32) - 1))
    keys: Sent = []
    for _ in range(draw(st.integers(1, 8))):
        key = draw(st.sampled_from(KEYS))
        length = draw(st.integers(40, 500) | st.integers(8000, 17_000))
        keys.append((key, list(packets_of(key, now, length))))
        now += (length + draw(st.integers(40, 3000))) * 8
    return keys


@given(sent(), st.data())
def test_each_key_of_which_anything_arrives_is_one_key(
    keys: Sent, data: st.DataObject
) -> None:
    arrived: list[KeyPacket] = []
    earlier: list[KeyPacket] = []
    expected = ""
    for key, packets in keys:
        most = len(packets) if len(packets) < 100 else ENDS  # no segment lost whole
        lost = data.draw(st.sets(st.integers(0, len(packets) - 1), max_size=most))
        twice = data.draw(st.sets(st.integers(0, len(packets) - 1), max_size=3))
        late = data.draw(st.booleans())
        left = [it for number, it in enumerate(packets) if number not in lost]
        for number, it in enumerate(left):
            arrived += [it] * (2 if number in twice else 1)
            if late and number == 0 and earlier:
                arrived.append(earlier[-1])
        expected += key if left else ""
        if left and left[-1].is_end:
            earlier.append(left[-1])

    assert pressed(arrived) == expected


@given(st.lists(st.tuples(st.sampled_from(KEYS), st.integers(2, 30)), max_size=8))
def test_a_phone_with_one_timestamp_for_all_keys(keys: list[tuple[str, int]]) -> None:
    arrived = itertools.chain.from_iterable(
        packets_of(key, 800, count * PACKET_MS) for key, count in keys
    )

    assert pressed(arrived) == "".join(key for key, _ in keys)


@given(
    st.lists(st.tuples(st.sampled_from(KEYS), st.integers(3, 60)), max_size=8),
    st.data(),
)
def test_a_phone_that_moves_the_timestamp_on_and_loses_two_in_a_row(
    keys: list[tuple[str, int]], data: st.DataObject
) -> None:
    now, arrived = 0, []
    for key, count in keys:
        packets = [
            packet(key, now + 160 * step, 160 * step, is_end=step == count)
            for step in range(1, count + 1)
        ]
        gap = data.draw(st.integers(0, max(0, count - 4)))
        arrived += packets[: gap + 1] + packets[gap + 3 :]
        now += 160 * count + 8 * 60

    assert pressed(arrived) == "".join(key for key, _ in keys)


def test_the_same_key_again_when_the_end_of_the_first_was_lost() -> None:
    first = [packet("5", 0, ticks) for ticks in (160, 320)]
    again = [packet("5", 2000, ticks) for ticks in (480, 640)]

    assert pressed(first + again) == "55"


def test_an_end_alone_is_a_key() -> None:
    assert pressed([packet("5", 0, 800, is_end=True)]) == "5"
    assert ROUND_MS * 8 == 1 << 32
