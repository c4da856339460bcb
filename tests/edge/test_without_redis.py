"""Calls that are up while the platform's Redis is away, or the edge's own."""

import asyncio
import os
import signal
from typing import Literal

import pytest

from tests.edge.conftest import call_in
from tests.edge.dialog import Dialog, connect
from tests.edge.party import Party
from tests.edge.sip import Message
from tests.servers.edge import EdgeServer
from tests.servers.redis import RedisServer
from voiceplat.core.errors import Unavailable

pytestmark = [pytest.mark.edge, pytest.mark.fault]

AGAIN_S = 0.5
TRIES = 40
Side = Literal["carrier", "worker"]
sides = pytest.mark.parametrize("who", ["carrier", "worker"])


@pytest.fixture
async def ends(
    who: Side, edge: EdgeServer, carrier: Party, worker: Party
) -> tuple[Dialog, Dialog]:
    """Of a call that is up: who will leave it, and the other."""
    outside, inside = await connect(call_in(carrier, edge).send(), worker)
    return (outside, inside) if who == "carrier" else (inside, outside)


async def repeated(
    bye: Message, who: Side, ends: tuple[Dialog, Dialog], edge: EdgeServer
) -> None:
    """Said again until the other end has heard it, as RFC 3261, 17.1.2 wants."""
    leaver, other = ends
    for _ in range(TRIES):
        leaver.party.send(bye, edge.outside if who == "carrier" else edge.private)
        await asyncio.sleep(AGAIN_S)
        if any(text.startswith("BYE") for text in other.party.heard):
            break
    await other.wait_for_bye()
    await leaver.party.expect(200)


@sides
async def test_a_bye_needs_no_redis_of_the_platform(
    ends: tuple[Dialog, Dialog], redis: RedisServer
) -> None:
    leaver, other = ends
    redis.kill()
    try:
        await leaver.hang_up_with(other)
    finally:
        redis.start()


@sides
async def test_a_bye_is_not_refused_while_nobody_can_say_whose_it_is(
    who: Side, ends: tuple[Dialog, Dialog], edge: EdgeServer
) -> None:
    leaver, _ = ends
    is_there = edge.edge.insight().needs["topology"]
    os.kill(edge.edge.topology.pid, signal.SIGSTOP)
    try:
        bye = leaver.request("BYE")
        await leaver.party.silence(*range(200, 700), for_s=2)
        with pytest.raises(Unavailable, match="the edge's Redis"):
            await is_there()
    finally:
        os.kill(edge.edge.topology.pid, signal.SIGCONT)
    await is_there()

    await repeated(bye, who, ends, edge)


@sides
async def test_a_call_outlives_the_death_of_what_remembers_it(
    who: Side, ends: tuple[Dialog, Dialog], edge: EdgeServer
) -> None:
    died = edge.edge.topology.pid
    os.kill(died, signal.SIGKILL)

    bye = ends[0].request("BYE")
    await repeated(bye, who, ends, edge)

    assert edge.edge.topology.pid != died


async def test_a_bye_of_a_call_that_never_was_is_refused(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    outside, inside = await connect(call_in(carrier, edge).send(), worker)
    known = outside.target
    outside.target = known.replace("tpsh-", "tpsh-0")

    outside.request("BYE")

    await carrier.expect(481)
    outside.target = known
    await outside.hang_up_with(inside)
