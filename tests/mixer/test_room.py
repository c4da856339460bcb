"""The rules of a room: who waits, who is heard, who must go, and when it is over."""

import pytest

from voiceplat.calls.conference import MemberRules, Why
from voiceplat.core.errors import RoomFull
from voiceplat.mixer.room import Gone, Room, Standing

CALLER = MemberRules(starts=False)
AGENT = MemberRules()
SHY = MemberRules(stays_alone=False)
HOST = MemberRules(ends=True)

TALKS = Standing(speaks=True, hears=True, waits=False)
WAITS = Standing(speaks=False, hears=True, waits=True)
ALONE = Standing(speaks=True, hears=True, waits=True)


def room_of(*rules: MemberRules, began: float = 0.0) -> Room:
    """Its members have the numbers from 1."""
    room = Room(began)
    for each in rules:
        room.enter(each)
    return room


def standings(room: Room) -> list[Standing]:
    return [room.standing(member) for member in room.members]


@pytest.mark.statement(190)
def test_callers_wait_and_are_not_heard_until_somebody_starts() -> None:
    room = room_of(CALLER, CALLER)
    assert standings(room) == [WAITS, WAITS]

    room.enter(AGENT)

    assert standings(room) == [TALKS, TALKS, TALKS]


def test_a_room_that_was_started_stays_so() -> None:
    room = room_of(AGENT, CALLER, CALLER)

    room.leave(1)

    assert standings(room) == [TALKS, TALKS]
    assert room.standing(room.enter(CALLER)) == TALKS


def test_who_is_alone_in_a_started_room_hears_the_wait_sound() -> None:
    room = room_of(AGENT)
    assert standings(room) == [ALONE]

    room.enter(AGENT)
    assert standings(room) == [TALKS, TALKS]

    room.leave(1)
    assert standings(room) == [ALONE]


@pytest.mark.statement(191)
def test_everybody_leaves_with_a_member_that_ends_the_room() -> None:
    room = room_of(AGENT, HOST, AGENT)

    assert room.leave(2) == [
        Gone(2, Why.LEFT, last=False),
        Gone(1, Why.ENDED, last=False),
        Gone(3, Why.ENDED, last=True),
    ]
    assert room.over


def test_it_ends_the_room_however_it_leaves() -> None:
    room = room_of(AGENT, HOST)

    gone = room.leave(2, Why.LOST)

    assert [each.why for each in gone] == [Why.LOST, Why.ENDED]


def test_an_ordinary_member_ends_nothing() -> None:
    room = room_of(AGENT, AGENT, AGENT)

    assert room.leave(1) == [Gone(1, Why.LEFT, last=False)]
    assert not room.over


@pytest.mark.statement(192)
def test_a_member_that_does_not_stay_alone_is_removed_when_left_alone() -> None:
    room = room_of(AGENT, SHY)

    assert room.leave(1) == [
        Gone(1, Why.LEFT, last=False),
        Gone(2, Why.ALONE, last=True),
    ]


def test_it_may_be_the_first_one() -> None:
    room = room_of(SHY)

    assert standings(room) == [ALONE]
    assert not room.over


def test_with_company_it_stays() -> None:
    room = room_of(AGENT, SHY, SHY)

    assert [each.member for each in room.leave(1)] == [1]
    assert [each.member for each in room.leave(2)] == [2, 3]


@pytest.mark.statement(189)
def test_a_muted_member_hears_and_is_not_heard() -> None:
    room = room_of(AGENT, MemberRules(muted=True))

    assert room.standing(2) == Standing(speaks=False, hears=True, waits=False)
    assert room.is_muted(2)


def test_muted_and_deaf_come_and_go() -> None:
    room = room_of(AGENT, AGENT)

    room.mute(1)
    room.deafen(1)
    assert room.standing(1) == Standing(speaks=False, hears=False, waits=False)
    assert room.standing(2) == TALKS

    room.mute(1, muted=False)
    room.deafen(1, deaf=False)
    assert room.standing(1) == TALKS


def test_a_member_that_waits_and_is_unmuted_still_waits() -> None:
    room = room_of(CALLER)
    assert not room.is_muted(1), "waiting is something else"

    room.mute(1)
    room.mute(1, muted=False)

    assert room.standing(1) == WAITS


@pytest.mark.statement(196)
def test_a_room_is_full_for_the_one_who_says_so() -> None:
    room = room_of(AGENT, AGENT)

    with pytest.raises(RoomFull):
        room.enter(MemberRules(most=2))

    assert room.enter(MemberRules(most=3)) == 3


def test_a_number_is_never_given_twice() -> None:
    room = room_of(AGENT, AGENT)
    room.leave(2)

    assert room.next_number == 3
    assert room.enter(AGENT) == 3


def test_nobody_comes_into_a_room_that_is_over() -> None:
    room = room_of(AGENT)
    assert room.leave(1) == [Gone(1, Why.LEFT, last=True)]

    with pytest.raises(RoomFull):
        room.enter(AGENT)


@pytest.mark.statement(197)
def test_a_room_lives_a_day_unless_somebody_says_otherwise() -> None:
    room = room_of(AGENT, began=100.0)
    assert room.ends_at == 100.0 + 86400

    room.enter(MemberRules(time_limit_s=60))
    room.enter(AGENT)
    assert room.ends_at == 160.0

    room.enter(MemberRules(time_limit_s=30))
    assert room.ends_at == 130.0, "the last one set"


def test_when_its_time_is_up_everybody_leaves() -> None:
    room = room_of(AGENT, HOST)

    assert room.end(Why.TIME_LIMIT) == [
        Gone(1, Why.TIME_LIMIT, last=False),
        Gone(2, Why.TIME_LIMIT, last=True),
    ]
    assert room.over
    assert room.end() == []


def test_one_who_is_out_already_cannot_leave() -> None:
    room = room_of(AGENT, AGENT)
    room.leave(1, Why.KICKED)

    assert room.leave(1) == []
    assert room.leave(7) == []
