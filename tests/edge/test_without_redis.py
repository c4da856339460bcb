"""Calls that are up while the platform's Redis is away, or the edge's own."""

import asyncio
import os
import signal
from typing import Literal

import pytest

from tests.edge.conftest import NUMBER, PHONE_HOST, call_as, call_in, call_out
from tests.edge.dialog import Caller, Dialog, connect, ring, take
from tests.edge.party import Party, tcp_party
from tests.edge.sip import Message, sdp
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
        if has_heard(other.party, "BYE"):
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


def callers(
    who: Side, edge: EdgeServer, carrier: Party, worker: Party
) -> tuple[Caller, Party]:
    """Who calls, and whom."""
    if who == "carrier":
        return call_in(carrier, edge), worker
    return call_out(worker, edge, "1555", "3"), carrier


def has_heard(party: Party, what: str) -> bool:
    return any(text.startswith(what) for text in party.heard)


@sides
async def test_an_answer_waits_for_what_remembers_the_call(
    who: Side, edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    """Or the callee, who answers meanwhile, could not hang up."""
    call, callee = callers(who, edge, carrier, worker)
    call.send()
    invite = await callee.expect("INVITE")
    tag = ring(callee, invite)
    await call.party.expect(180)
    os.kill(edge.edge.topology.pid, signal.SIGKILL)

    async with asyncio.timeout(TRIES * AGAIN_S):
        while not has_heard(call.party, "SIP/2.0 200"):
            theirs = take(callee, invite, tag, sdp(callee.host, 42000))
            await asyncio.sleep(AGAIN_S)
    ours = await call.answered()
    await callee.expect("ACK")

    await theirs.hang_up_with(ours)


@sides
async def test_a_call_waits_for_what_is_to_remember_it(
    who: Side, edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    call, callee = callers(who, edge, carrier, worker)
    os.kill(edge.edge.topology.pid, signal.SIGKILL)

    invite = call.send().sent
    async with asyncio.timeout(TRIES * AGAIN_S):
        while not has_heard(callee, "INVITE"):
            await asyncio.sleep(AGAIN_S)
            call.party.send(invite)
    ours, theirs = await connect(call, callee)

    await theirs.hang_up_with(ours)


async def test_a_call_by_tcp_is_told_to_try_again(
    edge: EdgeServer, worker: Party
) -> None:
    async with tcp_party(PHONE_HOST, edge.outside) as phone:
        os.kill(edge.edge.topology.pid, signal.SIGKILL)
        call = call_as(phone, edge, "alice", f"+{NUMBER}").send()
        refusal = await call.refused(503)
    assert refusal.get("Retry-After") == "1"
    await worker.silence("INVITE")


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
