"""Which rooms there are: one of each name, found by all, free again when it is over."""

import asyncio
from contextlib import aclosing
from datetime import timedelta

import pytest

from tests.bus.calls import MAIN, NODE, OTHER, SUB, a_call
from tests.servers.redis import RedisServer
from voiceplat.bus.bus import Bus
from voiceplat.bus.events import Callback
from voiceplat.bus.reaping import reap_node
from voiceplat.bus.room_commands import EVERYBODY, Kick, Mute, RoomMessage
from voiceplat.bus.rooms import FoundRoom, LiveRoom, RoomAddress, RoomName, ShownMember
from voiceplat.calls.call import Hook
from voiceplat.calls.status import Direction
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import CommandRefused, NotFound, Unavailable
from voiceplat.core.ids import (
    ConferenceUuid,
    NodeId,
    new_call_uuid,
    new_conference_uuid,
)

pytestmark = pytest.mark.redis

TEAM = RoomName(account=MAIN, main=MAIN, name="the team: ü 1")
AT = RoomAddress("127.0.0.1", 4711, "a password")
PATIENCE = timedelta(seconds=5)
OTHER_NODE = NodeId("host-2")


async def claim(
    bus: Bus,
    name: RoomName = TEAM,
    *,
    node: NodeId = NODE,
    patience: timedelta = PATIENCE,
) -> tuple[FoundRoom, bool]:
    """What is there, and whether it is the caller's to make."""
    uuid = new_conference_uuid()
    found = await bus.rooms.claim(name, uuid, node, patience)
    return found, found.uuid == uuid


async def opened(
    bus: Bus, name: RoomName = TEAM, node: NodeId = NODE
) -> ConferenceUuid:
    found, ours = await claim(bus, name, node=node)
    assert ours
    assert await bus.rooms.opened(name, found.uuid, AT)
    return found.uuid


def a_member(number: int = 1) -> ShownMember:
    return ShownMember(
        member=number,
        call_uuid=new_call_uuid(),
        from_="15550100",
        to="15550199",
        caller_name="",
        direction=Direction.INBOUND,
        muted=False,
        deaf=False,
        joined_at=utc_now(),
    )


async def test_of_many_who_need_a_room_one_makes_it(bus: Bus) -> None:
    found = await asyncio.gather(*(claim(bus) for _ in range(20)))

    assert sum(ours for _, ours in found) == 1
    assert len({room.uuid for room, _ in found}) == 1
    assert all(room.address is None for room, _ in found)


async def test_a_room_that_was_opened_is_found_by_all(bus: Bus) -> None:
    uuid = await opened(bus)

    found, ours = await claim(bus, node=OTHER_NODE)

    assert not ours
    assert found == FoundRoom(uuid, NODE, AT)


async def test_rooms_of_other_accounts_and_names_are_others(bus: Bus) -> None:
    await opened(bus)

    for name in (
        TEAM.model_copy(update={"account": SUB}),
        TEAM.model_copy(update={"account": OTHER, "main": OTHER}),
        TEAM.model_copy(update={"name": "team"}),
    ):
        assert (await claim(bus, name))[1]


async def test_a_claim_that_brings_nothing_is_void_after_a_while(bus: Bus) -> None:
    first, _ = await claim(bus, patience=timedelta(milliseconds=50))
    assert not (await claim(bus))[1]
    await asyncio.sleep(0.06)

    second, ours = await claim(bus, node=OTHER_NODE)

    assert ours
    assert not await bus.rooms.opened(TEAM, first.uuid, AT), "it comes too late"
    assert await bus.rooms.opened(TEAM, second.uuid, AT)


async def test_a_room_that_is_over_is_free_at_once_and_only_once(bus: Bus) -> None:
    uuid = await opened(bus)

    assert await bus.rooms.release(TEAM, uuid)
    assert not await bus.rooms.release(TEAM, uuid)
    await opened(bus)
    assert not await bus.rooms.release(TEAM, uuid), "it is another instance"


async def test_a_room_that_is_not_reached_is_kept_while_its_node_lives(
    bus: Bus,
) -> None:
    uuid = await opened(bus)
    await bus.nodes.beat(NODE)

    silent = timedelta(milliseconds=80)
    assert not await bus.rooms.release(TEAM, uuid, if_silent=silent)
    await asyncio.sleep(0.1)
    assert await bus.rooms.release(TEAM, uuid, if_silent=silent)


async def test_the_rooms_of_a_dead_node_are_free(bus: Bus) -> None:
    await opened(bus)
    kept = RoomName(account=SUB, main=MAIN, name="kept")
    await opened(bus, kept, OTHER_NODE)

    await reap_node(bus, NODE)

    assert (await claim(bus))[1]
    assert not (await claim(bus, kept))[1]


async def test_a_room_is_shown_while_it_has_members(bus: Bus) -> None:
    uuid = await opened(bus)
    assert await bus.rooms.get(MAIN, TEAM.name) is None
    members = (a_member(1), a_member(2))

    assert await bus.rooms.show(TEAM, uuid, members)

    found = await bus.rooms.get(MAIN, TEAM.name)
    assert found is not None
    assert (found.uuid, found.members, found.name) == (uuid, members, TEAM)
    assert abs(utc_now() - found.opened_at) < timedelta(seconds=20)
    assert await bus.rooms.show(TEAM, uuid, ())
    assert await bus.rooms.get(MAIN, TEAM.name) is None
    assert not await bus.rooms.show(TEAM, new_conference_uuid(), members)


async def test_a_main_account_sees_the_rooms_of_its_subaccounts(bus: Bus) -> None:
    sub = RoomName(account=SUB, main=MAIN, name="b")
    for name in (TEAM, sub, RoomName(account=OTHER, main=OTHER, name="c")):
        await bus.rooms.show(name, await opened(bus, name), [a_member()])

    names = [room.name for room in await bus.rooms.list(MAIN)]

    assert names == [TEAM, sub]
    assert [room.name for room in await bus.rooms.list(SUB)] == [sub]
    assert await bus.rooms.get(MAIN, "b") is None, "by its name in its own account"


async def shown(bus: Bus) -> LiveRoom:
    await bus.rooms.show(TEAM, await opened(bus), [a_member()])
    found = await bus.rooms.get(MAIN, TEAM.name)
    assert found is not None
    return found


async def test_a_command_reaches_the_mixer_and_is_answered(bus: Bus) -> None:
    room = await shown(bus)
    heard: list[RoomMessage] = []

    async def mixer() -> None:
        async with aclosing(bus.room_commands.inbox(room.uuid)) as inbox:
            async for message in inbox:
                heard.append(message)
                refusal = "member not found" if len(heard) > 1 else ""
                await bus.room_commands.acknowledge(message, refusal)

    working = asyncio.create_task(mixer())
    kick, mute = Kick(members=(1, 2)), Mute(members=EVERYBODY, muted=True)

    await bus.room_commands.send(room, kick, within=timedelta(seconds=5))
    with pytest.raises(CommandRefused, match="member not found"):
        await bus.room_commands.send(room, mute, within=timedelta(seconds=5))

    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert [message.command for message in heard] == [kick, mute]


async def test_a_room_that_is_over_is_told_nothing(bus: Bus) -> None:
    room = await shown(bus)
    await bus.rooms.release(TEAM, room.uuid)

    with pytest.raises(NotFound):
        await bus.room_commands.send(
            room, Kick(members=(1,)), within=timedelta(seconds=5)
        )


async def test_a_mixer_that_says_nothing_is_away(bus: Bus) -> None:
    room = await shown(bus)

    with pytest.raises(Unavailable):
        await bus.room_commands.send(
            room, Kick(members=(1,)), within=timedelta(milliseconds=100)
        )


async def test_what_two_may_tell_is_told_once(bus: Bus) -> None:
    call = a_call()
    told = Callback(account=MAIN, hook=Hook(url="http://app/"), params={"a": "b"})

    first = await asyncio.gather(
        *(bus.events.notify(call.uuid, told, "room:1") for _ in range(10))
    )

    assert sum(first) == 1
    assert await bus.events.notify(call.uuid, told, "room:2")
    assert await bus.events.notify(call.uuid, told)
    assert await bus.events.notify(call.uuid, told)
    assert await bus.events.waiting() == 4


async def test_a_claim_survives_a_restart_of_redis(
    bus: Bus, redis: RedisServer
) -> None:
    uuid = await opened(bus)
    redis.kill()
    redis.start()

    async with asyncio.timeout(20):
        while True:
            try:
                found, ours = await claim(bus)
                break
            except Unavailable:
                await asyncio.sleep(0.05)

    assert (found.uuid, ours) == (uuid, False)
