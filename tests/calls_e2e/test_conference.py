"""Rooms of real phones: who hears whom, who waits, who must go."""

import asyncio
from contextlib import suppress

import pytest

from tests.calls_e2e.conftest import TONE, World, tone
from tests.calls_e2e.hearing import has_heard, until_tone
from tests.calls_e2e.room import (
    A_HZ,
    B_HZ,
    C_HZ,
    FAR_NUMBER,
    events,
    member,
    room_of,
    speaks,
    told,
    until_members,
    until_told,
)
from voiceplat.telephony.softphone import SoftphoneCall

pytestmark = [pytest.mark.edge, pytest.mark.sip]

NEXT_HZ, WAIT_HZ, BELL_HZ = 620.0, 760.0, 1100.0


def then(world: World) -> str:
    """The next element, by ear."""
    return f'<Play loop="0">{world.customer.serves("/next.wav", TONE)}</Play>'


async def hang_up(*calls: SoftphoneCall) -> None:
    for call in calls:
        await call.hang_up()


@pytest.mark.statement(188, 189, 199, 207, 209)
async def test_three_in_a_room_hear_each_other_and_nobody_himself(world: World) -> None:
    carrier = await world.carrier_in_service()
    room = f"<Conference {events(world)}>team</Conference>"
    a, b = await room_of(world, carrier, room, 2)
    quiet = f'{events(world)} muted="true" relayDTMF="false"'
    c, _ = await member(world, carrier, f"<Conference {quiet}>team</Conference>")
    await until_members(world, 3)

    await speaks(world, a, A_HZ, (b, c))
    await speaks(world, b, B_HZ, (a, c))
    saying = asyncio.create_task(speaks(world, c, C_HZ, (a,)))
    await a.press("1")
    async with asyncio.timeout(20):
        assert await b.until_digits(1) == "1"
        assert await c.until_digits(1) == "1"
    await c.press("2")
    await b.press("3")
    async with asyncio.timeout(20):
        assert await a.until_digits(1) == "3"
    saying.cancel()
    await asyncio.gather(saying, return_exceptions=True)

    assert not has_heard(a, A_HZ)
    assert not has_heard(b, B_HZ)
    assert not has_heard(a, C_HZ), "the third one is muted"
    assert not has_heard(b, C_HZ)
    await hang_up(a, b, c)
    left = await until_told(world, "exit", 3)
    came = told(world, "enter")
    assert len({it["ConferenceUUID"] for it in (*came, *left)}) == 1
    assert [it["ConferenceMemberID"] for it in came] == ["1", "2", "3"]
    assert [it["ConferenceFirstMember"] for it in came] == ["true", "false", "false"]
    assert sorted(it["ConferenceLastMember"] for it in left) == [
        "false",
        "false",
        "true",
    ]
    assert {it["ConferenceName"] for it in left} == {"team"}


@pytest.mark.statement(190, 191, 193, 198, 206)
async def test_callers_wait_for_an_agent_and_leave_with_him(world: World) -> None:
    carrier = await world.carrier_in_service()
    wait = world.customer.serves("/wait.wav", tone(WAIT_HZ, 0.4))
    bell = world.customer.serves("/bell.wav", tone(BELL_HZ, 0.6))
    music = world.customer.document("/wait", f"<Play>{wait}</Play><Wait/>")
    rings = world.customer.document("/bell", f"<Play>{bell}</Play>")
    left = f'action="{world.customer.url}/left" redirect="false"'
    waiting = (
        f'<Conference {events(world)} startConferenceOnEnter="false" {left}'
        f' waitSound="{music}">queue</Conference>' + then(world)
    )
    one, two = await room_of(world, carrier, waiting, 2)

    await asyncio.gather(until_tone(one, WAIT_HZ), until_tone(two, WAIT_HZ))
    with suppress(TimeoutError):
        async with asyncio.timeout(2):
            await speaks(world, one, A_HZ, (two,))
    assert not has_heard(two, A_HZ), "who waits is not heard"
    agent, _ = await member(
        world,
        carrier,
        f'<Conference {events(world)} endConferenceOnExit="true" enterSound="{rings}"'
        ' hangupOnStar="true">queue</Conference>' + then(world),
    )
    await asyncio.gather(*(until_tone(it, BELL_HZ) for it in (one, two)))
    await speaks(world, one, A_HZ, (two, agent))
    await speaks(world, agent, B_HZ, (one, two))
    assert not has_heard(two, NEXT_HZ)

    await agent.press("*")

    await asyncio.gather(*(until_tone(it, NEXT_HZ) for it in (one, two, agent)))
    assert len(await until_told(world, "exit", 3)) == 3
    results = await world.customer.asked_for("/left", times=2)
    assert {it.fields["ConferenceMemberID"] for it in results} == {"1", "2"}
    assert {it.fields["ConferenceName"] for it in results} == {"queue"}
    await hang_up(one, two, agent)


@pytest.mark.statement(192, 197, 200, 205)
async def test_a_full_room_a_short_life_and_a_member_left_alone(world: World) -> None:
    carrier = await world.carrier_in_service()
    goes_on = world.customer.document("/goes-on", then(world))
    small = (
        f'<Conference {events(world)} maxMembers="2" stayAlone="false" digitsMatch="12"'
        f' action="{goes_on}">small</Conference>'
    )
    one, two = await room_of(world, carrier, small, 2)

    third, _ = await member(world, carrier, small + then(world))
    await until_tone(third, NEXT_HZ)
    await two.press("312")
    (pressed,) = await until_told(world, "digits")
    assert pressed["ConferenceDigitsMatch"] == "12"
    assert pressed["ConferenceMemberID"] == "2"
    await two.hang_up()
    await until_tone(one, NEXT_HZ)
    await hang_up(one, third)
    assert len(told(world, "enter")) == 2

    short = f'<Conference {events(world)} timeLimit="1">short</Conference>'
    guest, _ = await member(world, carrier, short + then(world))
    await until_tone(guest, NEXT_HZ)
    await guest.hang_up()


async def test_the_legs_of_a_call_and_calls_in_bulk_meet_in_one_room(
    world: World,
) -> None:
    carrier = await world.carrier_in_service()
    await world.application(
        answer_url=world.customer.document(
            "/answer", f"<Dial><Number>{FAR_NUMBER}</Number></Dial>"
        )
    )
    caller = await world.dialled(carrier)
    asked = await world.customer.event("StartApp")
    callee = await carrier.next_call()
    await callee.answer()
    await caller.until_answered()
    room = world.customer.document(
        "/room", f"<Conference {events(world)}>all</Conference>"
    )
    uuid = asked.fields["CallUUID"]
    await speaks(world, caller, C_HZ, (callee,))

    await world.sdk(
        lambda: world.client.calls.transfer(
            uuid, legs="both", aleg_url=room, bleg_url=room
        )
    )
    await until_members(world, 2)
    await world.sdk(
        lambda: world.client.calls.create(
            from_="15550199", to_=f"{FAR_NUMBER}<{FAR_NUMBER}1", answer_url=room
        )
    )
    more = [await carrier.next_call() for _ in range(2)]
    for call in more:
        await call.answer()
    await until_members(world, 4)

    await speaks(world, caller, A_HZ, (callee, *more))
    await speaks(world, more[0], B_HZ, (caller, callee, more[1]))
    await hang_up(caller, callee, *more)
    assert len(await until_told(world, "exit", 4)) == 4
