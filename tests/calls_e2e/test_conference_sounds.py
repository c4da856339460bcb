"""What a room of real phones hears of who comes, goes and speaks."""

import asyncio

import pytest

from tests.calls_e2e.conftest import World, tone
from tests.calls_e2e.hearing import (
    LOOK_AGAIN_S,
    SAME_HZ,
    TOO_LATE_S,
    has_heard,
    heard_so_far,
    until_tone,
)
from tests.calls_e2e.room import (
    A_HZ,
    B_HZ,
    events,
    member,
    room_of,
    speaks,
    until_members,
    until_told,
)
from voiceplat.telephony.softphone import SoftphoneCall

pytestmark = [pytest.mark.edge, pytest.mark.sip]

BEEP_HZ, LEAVES_HZ = 1000.0, 1200.0


async def until_beeps(call: SoftphoneCall, count: int) -> None:
    """Returns when the party has begun to hear so many of them."""
    async with asyncio.timeout(TOO_LATE_S):
        while beeps(call) < count:  # noqa: ASYNC110 - another process writes them
            await asyncio.sleep(LOOK_AGAIN_S)


def beeps(call: SoftphoneCall) -> int:
    return sum(abs(it.hz - BEEP_HZ) < SAME_HZ for it in heard_so_far(call))


@pytest.mark.statement(195)
async def test_a_beep_tells_of_those_who_come_and_a_sound_of_who_goes(
    world: World,
) -> None:
    carrier = await world.carrier_in_service()
    gone = world.customer.serves("/gone.wav", tone(LEAVES_HZ, 0.6))
    leaves = world.customer.document("/leaves", f"<Play>{gone}</Play>")
    room = (
        f'<Conference {events(world)} enterSound="beep:2" exitSound="{leaves}">'
        "doors</Conference>"
    )
    (first,) = await room_of(world, carrier, room, 1)
    await until_beeps(first, 2)  # its own

    second, _ = await member(world, carrier, room)
    await until_members(world, 2)
    await until_beeps(first, 3)
    assert not has_heard(first, LEAVES_HZ)
    await second.hang_up()

    await until_tone(first, LEAVES_HZ)
    await first.hang_up()


async def test_the_room_is_told_who_takes_the_floor(world: World) -> None:
    carrier = await world.carrier_in_service()
    room = f'<Conference {events(world)} floorEvent="true">floor</Conference>'
    one, two = await room_of(world, carrier, room, 2)

    await speaks(world, one, A_HZ, (two,))
    (first,) = await until_told(world, "floor", 1)
    await speaks(world, two, B_HZ, (one,))
    both = await until_told(world, "floor", 2)

    assert first["ConferenceMemberID"] == "1"
    assert both[-1]["ConferenceMemberID"] == "2"
    await asyncio.gather(one.hang_up(), two.hang_up())
