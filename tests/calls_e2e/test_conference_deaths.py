"""Rooms across workers, and what is left of them when a part is killed."""

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from tests.calls_e2e.conftest import TONE, Site, World, set_up
from tests.calls_e2e.hearing import until_tone
from tests.calls_e2e.room import (
    A_HZ,
    B_HZ,
    C_HZ,
    PATIENCE_S,
    events,
    member,
    mixer_of,
    speaks,
    told,
    until_told,
)
from tests.calls_e2e.test_faults import pid_of, worker_of_the_call
from voiceplat.core.errors import Unavailable
from voiceplat.telephony.softphone import SoftphoneCall

pytestmark = [pytest.mark.edge, pytest.mark.sip, pytest.mark.fault]

NEXT_HZ = 620.0


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Each call has a worker of its own."""
    with set_up({"MEDIA__SESSIONS_PER_WORKER": "1", "MEDIA__WORKERS": "5"}) as made:
        yield made


async def scattered(world: World, count: int) -> list[tuple[SoftphoneCall, str]]:
    """A room of members on as many workers, and what each does after it."""
    carrier = await world.carrier_in_service()
    next_ = world.customer.serves("/next.wav", TONE)
    document = (
        f"<Conference {events(world)}>scattered</Conference>"
        f'<Play loop="0">{next_}</Play>'
    )
    members = []
    for number in range(1, count + 1):
        members.append(await member(world, carrier, document))
        await until_told(world, "enter", number)
    workers = {worker_of_the_call(world.platform, uuid) for _, uuid in members}
    assert len(workers) == count
    return members


async def test_a_killed_worker_takes_its_own_member_out_and_is_told_of_once(
    world: World,
) -> None:
    (a, a_uuid), (b, _), (c, _) = await scattered(world, 3)
    await speaks(world, a, A_HZ, (b, c))

    os.kill(worker_of_the_call(world.platform, a_uuid), signal.SIGKILL)

    (exit_,) = await until_told(world, "exit")
    assert exit_["CallUUID"] == a_uuid
    assert exit_["ConferenceMemberID"] == "1"
    assert exit_["From"] == "15550199"
    await a.until_ended()
    await speaks(world, b, B_HZ, (c,))
    shown = await world.sdk(lambda: world.client.conferences.get("scattered"))
    assert shown.conference_member_count == "2"
    await b.hang_up()
    await c.hang_up()
    await until_told(world, "exit", 3)
    assert sorted(it["ConferenceMemberID"] for it in told(world, "exit")) == list("123")


async def test_a_killed_mixer_ends_its_room_and_the_next_one_is_new(
    world: World,
) -> None:
    (a, _), (b, _) = await scattered(world, 2)
    await speaks(world, a, A_HZ, (b,))
    first = told(world, "enter")[0]["ConferenceUUID"]

    os.kill(mixer_of(world), signal.SIGKILL)

    await asyncio.gather(until_tone(a, NEXT_HZ), until_tone(b, NEXT_HZ))
    left = await until_told(world, "exit", 2)
    assert {it["ConferenceUUID"] for it in left} == {first}
    room = world.customer.document(
        "/again", f"<Conference {events(world)}>scattered</Conference>"
    )
    uuids = [it["CallUUID"] for it in told(world, "enter")]
    for uuid in uuids:
        await world.sdk(
            lambda uuid=uuid: world.client.calls.transfer(  # type: ignore[misc]
                uuid, legs="aleg", aleg_url=room
            )
        )
    came = await until_told(world, "enter", 4)
    assert len({it["ConferenceUUID"] for it in came[2:]} - {first}) == 1
    await speaks(world, b, B_HZ, (a,))
    await a.hang_up()
    await b.hang_up()
    assert len(await until_told(world, "exit", 4)) == 4


async def until_redis_is_back(world: World) -> None:
    """The edge needs it for what a phone says within a call."""
    async with world.bus() as bus, asyncio.timeout(PATIENCE_S):
        while True:
            try:
                await bus.ping()
            except Unavailable:
                await asyncio.sleep(0.1)
            else:
                return


async def test_a_room_outlives_a_restart_of_redis(world: World) -> None:
    (a, _), (b, _) = await scattered(world, 2)

    os.kill(pid_of(world.platform, "redis-server"), signal.SIGKILL)

    await speaks(world, a, C_HZ, (b,))
    await until_redis_is_back(world)
    await b.hang_up()
    exit_ = (await until_told(world, "exit"))[0]
    assert exit_["ConferenceMemberID"] == "2"
    shown = await world.sdk(lambda: world.client.conferences.get("scattered"))
    assert shown.conference_member_count == "1"
    await a.hang_up()
    last = (await until_told(world, "exit", 2))[1]
    assert last["ConferenceLastMember"] == "true"
