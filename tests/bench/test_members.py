"""How a conference's members find out when they heard what."""

import asyncio
from contextlib import closing

import pytest

from bench.members import FRAME_NS, Member, Members, mark_of
from bench.room import running_room
from voiceplat.calls.link import LinkEnd

HOST = "127.0.0.1"
MS = 1_000_000


@pytest.mark.parametrize(
    ("level", "mark"),
    [(2000, 0), (2240, 0), (2260, 1), (21500, 39), (22000, -1), (0, -1), (-2000, -1)],
)
def test_a_level_is_the_nearest_mark(level: int, mark: int) -> None:
    assert mark_of(level) == mark


def test_a_mark_sounds_at_the_next_tick_of_the_member_who_hears_it() -> None:
    member = Member(LinkEnd(HOST, 9, 1), phase_ns=5 * MS)
    member.arrivals += [
        (number * FRAME_NS + 3 * MS, number, 7 if number == 4 else -1)
        for number in range(10)
    ]

    assert list(member.heard()) == [(7, 4 * FRAME_NS + 5 * MS)]


def test_a_packet_after_its_turn_sounds_a_frame_later() -> None:
    member = Member(LinkEnd(HOST, 9, 1), phase_ns=5 * MS)
    late_by = {4: 4 * MS}
    member.arrivals += [
        (number * FRAME_NS + 3 * MS + late_by.get(number, 0), number, number)
        for number in range(10)
    ]

    heard = dict(member.heard())

    assert heard[3] == 3 * FRAME_NS + 5 * MS
    assert heard[4] == 5 * FRAME_NS + 5 * MS


@pytest.mark.real_time
async def test_in_a_real_room_all_others_hear_what_one_says() -> None:
    with closing(Members(HOST, 3)) as members:
        with running_room(HOST, [one.end for one in members.members]) as room:
            async with asyncio.timeout(60):
                while len(members.delays_ns()) < 4:
                    await members.talk(room.ends, 0.5)
            assert room.cpu_s() > 0

        assert all(delay >= FRAME_NS for delay in members.delays_ns())
        assert all(one.stream.packets for one in members.members)
