"""Members of a room of real phones, as Plivo's SDK controls them."""

import asyncio
from typing import Any

import plivo
import pytest

from tests.calls_e2e.conftest import TONE, World, tone
from tests.calls_e2e.hearing import has_heard, until_tone
from tests.calls_e2e.room import (
    A_HZ,
    B_HZ,
    events,
    member,
    room_of,
    speaks,
    until_told,
)
from voiceplat.telephony.softphone import SoftphoneCall

pytestmark = [pytest.mark.edge, pytest.mark.sip, pytest.mark.compat]

NEXT_HZ, PLAYED_HZ = 620.0, 1100.0
NAME = "the team"


async def three_members(world: World) -> tuple[list[SoftphoneCall], str]:
    """The third one goes on with a tone; and its call_uuid."""
    carrier = await world.carrier_in_service()
    next_ = f'<Play loop="0">{world.customer.serves("/next.wav", TONE)}</Play>'
    room = f"<Conference {events(world)}>{NAME}</Conference>"
    calls = await room_of(world, carrier, room, 2)
    third, uuid = await member(world, carrier, room + next_)
    await until_told(world, "enter", 3)
    return [*calls, third], uuid


async def test_members_are_shown_muted_and_played_to(world: World) -> None:
    (a, b, c), c_uuid = await three_members(world)
    sdk, client = world.sdk, world.client.conferences

    listed = await sdk(client.list)
    assert listed.conferences == [NAME]
    shown: Any = await sdk(lambda: client.get(NAME))
    assert shown.conference_member_count == "3"
    assert shown.conference_run_time.isdecimal()
    third = shown.members[2]
    assert (third["member_id"], third["call_uuid"]) == ("3", c_uuid)
    assert (third["muted"], third["deaf"]) == (False, False)
    assert third["direction"] == "outbound"

    muted = await sdk(lambda: client.member_mute(NAME, "1"))
    assert (muted.message, muted.member_id) == ("muted", "1")
    saying = asyncio.create_task(speaks(world, a, A_HZ, (c,)))
    await speaks(world, b, B_HZ, (a,))
    assert not has_heard(c, A_HZ)
    assert not saying.done()
    assert (await sdk(lambda: client.get(NAME))).members[0]["muted"]
    await sdk(lambda: client.member_mute_stop(NAME, "1"))
    await saying

    url = world.customer.serves("/played.wav", tone(PLAYED_HZ, 2))
    played = await sdk(lambda: client.member_play(NAME, "1,3", url))
    assert played.message == "play queued into conference"
    assert played.member_id == "[u'1', u'3']"
    await asyncio.gather(until_tone(a, PLAYED_HZ), until_tone(c, PLAYED_HZ))
    assert not has_heard(b, PLAYED_HZ)
    for call in (a, b, c):
        await call.hang_up()


async def test_members_are_deafened_kicked_and_hung_up(world: World) -> None:
    (a, b, c), _ = await three_members(world)
    sdk, client = world.sdk, world.client.conferences

    spoken = await sdk(lambda: client.member_speak(NAME, "all", "Hello everybody"))
    assert spoken.message == "speak queued into conference"
    assert spoken.member_id == "[u'all']"
    await sdk(lambda: client.member_speak_stop(NAME, "all"))
    await sdk(lambda: client.member_play_stop(NAME, "all"))
    deaf = await sdk(lambda: client.member_deaf(NAME, "2"))
    assert (deaf.message, deaf.member_id) == ("deaf", "2")
    await speaks(world, a, A_HZ, (c,))
    assert not has_heard(b, A_HZ)
    await sdk(lambda: client.member_deaf_stop(NAME, "2"))
    await speaks(world, a, A_HZ, (b,))

    kicked = await sdk(lambda: client.member_kick(NAME, "3"))
    assert (kicked.message, kicked.member_id) == ("kicked", "3")
    await until_tone(c, NEXT_HZ)
    with pytest.raises(plivo.exceptions.ResourceNotFoundError):
        await sdk(lambda: client.member_kick(NAME, "3"))
    await sdk(lambda: client.member_hangup(NAME, "2"))
    await b.until_ended()
    await sdk(lambda: client.delete(NAME))
    await a.until_ended()
    assert len(await until_told(world, "exit", 3)) == 3
    with pytest.raises(plivo.exceptions.ResourceNotFoundError):
        await sdk(lambda: client.get(NAME))
    assert (await sdk(client.list)).conferences == []
    await c.hang_up()
