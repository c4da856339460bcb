"""A Dial to somebody elsewhere who asks for a password: who hears whom, who is told."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.calls_e2e.conftest import (
    CARRIER,
    PACED_CARRIER,
    PACED_PREFIX,
    World,
)
from tests.calls_e2e.test_dial import A_HZ, dialled, forwarded, sound
from tests.calls_e2e.test_ring_group import until_all_legs_are_free
from tests.servers.challenger import PASSWORD, USER, Challenger, challenger
from voiceplat.telephony.softphone import SoftphoneCall

pytestmark = [pytest.mark.edge, pytest.mark.sip]

WRONG_PASSWORD = "no secret of hers"


@pytest.fixture
async def carol() -> AsyncIterator[Challenger]:
    async with challenger() as callee:
        yield callee


def user(carol: Challenger, password: str) -> str:
    credentials = f'sipAuthUsername="{USER}" sipAuthPassword="{password}"'
    return f"<User {credentials if password else ''}>{carol.uri}</User>"


async def hears_the_caller(
    world: World, carol: Challenger, caller: SoftphoneCall
) -> None:
    saying = asyncio.create_task(caller.say(sound(world.folder, A_HZ)))
    try:
        await carol.ear.until_heard(A_HZ)
    finally:
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)


def logs(world: World) -> str:
    names = ("api", "media", "ledger", "edge")
    return "".join(world.platform.log(name) for name in names)


async def test_the_right_password_lets_the_caller_in(
    world: World, carol: Challenger
) -> None:
    await forwarded(world, f">{user(carol, PASSWORD)}")
    caller = await dialled(world, await world.carrier_in_service())

    async with asyncio.timeout(20):
        call = await carol.let_in.get()
    await caller.until_answered()
    await hears_the_caller(world, carol, caller)
    await caller.hang_up()
    await call.wait_for_bye(within_s=20)

    (result,) = await world.customer.asked_for("/dialled")
    assert result.fields["DialStatus"] == "completed"
    assert carol.answers[0] == "", "nobody says a password before it is asked for"
    assert len(carol.answers) == 2
    assert PASSWORD not in "".join(carol.party.heard)
    assert PASSWORD not in logs(world)


async def test_a_leg_of_another_worker_knows_the_password_too(
    world: World, carol: Challenger
) -> None:
    carol.may_answer.clear()
    numbers = [f"{PACED_PREFIX}3000000{place}" for place in range(4)]
    group = "".join(f"<Number>+{number}</Number>" for number in numbers)
    await forwarded(world, f">{group}{user(carol, PASSWORD)}")
    carrier = await world.carrier_in_service(CARRIER)
    others = await world.carrier_in_service(PACED_CARRIER)
    await until_all_legs_are_free(world)
    lent_before = world.platform.log("media").count("leg_lent")
    caller = await dialled(world, carrier)
    ringing = [await others.next_call() for _ in numbers]
    carol.may_answer.set()

    async with asyncio.timeout(20):
        call = await carol.let_in.get()
    await caller.until_answered()
    await asyncio.gather(*(lost.until_ended() for lost in ringing))
    await hears_the_caller(world, carol, caller)
    await caller.hang_up()
    await call.wait_for_bye(within_s=20)

    assert world.platform.log("media").count("leg_lent") >= lent_before + 2
    assert PASSWORD not in logs(world)


@pytest.mark.statement(184)
@pytest.mark.parametrize("password", [WRONG_PASSWORD, ""])
async def test_a_challenge_that_is_not_met_is_told(
    world: World, carol: Challenger, password: str
) -> None:
    await forwarded(world, f">{user(carol, password)}")
    caller = await dialled(world, await world.carrier_in_service())

    (result,) = await world.customer.asked_for("/dialled")
    await caller.until_ended()

    assert result.fields["DialStatus"] == "failed"
    assert result.fields["DialHangupCause"] == "sip_auth_failed"
    assert result.fields["DialBLegUUID"] == ""
    assert carol.let_in.empty()
