"""Timelines on a real Redis."""

from datetime import timedelta

import pytest

from voiceplat.bus.bus import Bus
from voiceplat.calls.timeline import Moment, StateChange
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import new_call_uuid

pytestmark = pytest.mark.redis

HOUR = timedelta(hours=1)


def change(state: str) -> StateChange:
    return StateChange(at=utc_now(), state=state)


async def test_moments_come_back_in_the_order_of_noting(bus: Bus) -> None:
    uuid = new_call_uuid()
    first: list[Moment] = [change("initiated"), change("ringing")]
    await bus.timelines.add({uuid: first}, most=100, kept=HOUR)
    await bus.timelines.add({uuid: [change("answered")]}, most=100, kept=HOUR)
    read = await bus.timelines.of(uuid)
    states = [it.state for _, it in read if isinstance(it, StateChange)]
    assert states == ["initiated", "ringing", "answered"]
    assert len(await bus.timelines.of(uuid, after=read[0][0])) == 2


async def test_a_follower_hears_what_was_and_what_comes(bus: Bus) -> None:
    uuid = new_call_uuid()
    await bus.timelines.add({uuid: [change("initiated")]}, most=100, kept=HOUR)
    following = bus.timelines.follow(uuid)
    [(_, was)] = await anext(following)
    await bus.timelines.add({uuid: [change("ended")]}, most=100, kept=HOUR)
    [(_, came)] = await anext(following)
    await following.aclose()
    assert isinstance(was, StateChange)
    assert was.state == "initiated"
    assert isinstance(came, StateChange)
    assert came.state == "ended"


async def test_another_calls_moments_stay_its_own(bus: Bus) -> None:
    one, other = new_call_uuid(), new_call_uuid()
    moments = {one: [change("initiated")], other: [change("ended")]}
    await bus.timelines.add(moments, most=100, kept=HOUR)
    assert len(await bus.timelines.of(one)) == 1


async def test_half_a_character_of_a_stranger_stops_no_moment(bus: Bus) -> None:
    uuid = new_call_uuid()
    noted: list[Moment] = [change("a \udc80 b"), change("next")]
    await bus.timelines.add({uuid: noted}, most=100, kept=HOUR)
    read = [it.state for _, it in await bus.timelines.of(uuid) if it.kind == "state"]
    assert read == ["a ? b", "next"]
