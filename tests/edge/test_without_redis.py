"""Calls that are up while Redis, in which topos keeps what it hides, is away."""

import asyncio
from typing import Literal

import pytest

from tests.edge.conftest import call_in
from tests.edge.dialog import connect
from tests.edge.party import Party
from tests.servers.edge import EdgeServer
from tests.servers.redis import RedisServer

pytestmark = [pytest.mark.edge, pytest.mark.fault]

AGAIN_S = 0.5
TRIES = 40


@pytest.mark.parametrize("who", ["carrier", "worker"])
async def test_a_bye_is_not_refused_and_arrives_when_redis_is_back(
    who: Literal["carrier", "worker"],
    edge: EdgeServer,
    carrier: Party,
    worker: Party,
    redis: RedisServer,
) -> None:
    outside, inside = await connect(call_in(carrier, edge).send(), worker)
    leaver, other = (outside, inside) if who == "carrier" else (inside, outside)
    redis.kill()

    bye = leaver.request("BYE")
    await leaver.party.silence(*range(200, 700), for_s=2)
    redis.start()
    for _ in range(TRIES):
        leaver.party.send(bye, edge.outside if who == "carrier" else edge.private)
        await asyncio.sleep(AGAIN_S)
        if any(text.startswith("BYE") for text in other.party.heard):
            break

    await other.wait_for_bye()
    await leaver.party.expect(200)


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
