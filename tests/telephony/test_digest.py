"""A far end that asks for a password: what the leg answers, and how it ends."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests.servers.challenger import PASSWORD, USER, Challenger, challenger
from voiceplat.calls.leg import CallEnded, Credentials, Destination
from voiceplat.telephony.pj_phone import PjPhone

pytestmark = pytest.mark.sip

RIGHT = Credentials(USER, PASSWORD)
MORE_THAN_THE_LIBRARY_HAS_ACCOUNTS = 12


@pytest.fixture
async def carol() -> AsyncIterator[Challenger]:
    async with challenger() as callee:
        yield callee


def destination(carol: Challenger, credentials: Credentials | None) -> Destination:
    return Destination(carol.uri, "15550199", credentials=credentials)


async def test_the_right_password_is_let_in(phone: PjPhone, carol: Challenger) -> None:
    leg = await phone.dial(destination(carol, RIGHT))

    await leg.until_answered()

    assert [bool(said) for said in carol.answers] == [False, True]
    assert PASSWORD not in "".join(carol.party.heard)
    await leg.hang_up()


@pytest.mark.parametrize("credentials", [None, replace(RIGHT, password="wrong one")])
async def test_without_it_the_leg_ends_with_the_challenge(
    phone: PjPhone, carol: Challenger, credentials: Credentials | None
) -> None:
    leg = await phone.dial(destination(carol, credentials))

    with pytest.raises(CallEnded) as over:
        await leg.until_answered()

    assert over.value.ended.sip_status == 401
    assert over.value.ended.challenged
    assert carol.let_in.empty()


async def test_a_password_is_that_of_one_leg_alone(
    phone: PjPhone, carol: Challenger
) -> None:
    knows = await phone.dial(destination(carol, RIGHT))
    does_not = await phone.dial(destination(carol, None))

    assert (await does_not.until_ended()).sip_status == 401

    await knows.until_answered()
    await knows.hang_up()


async def test_each_leg_gives_its_account_back(
    phone: PjPhone, carol: Challenger
) -> None:
    for _ in range(MORE_THAN_THE_LIBRARY_HAS_ACCOUNTS):
        leg = await phone.dial(destination(carol, RIGHT))
        await leg.until_answered()
        call = await carol.let_in.get()
        await asyncio.gather(leg.hang_up(), call.wait_for_bye())

    assert len(carol.answers) == 2 * MORE_THAN_THE_LIBRARY_HAS_ACCOUNTS


def test_no_repr_shows_a_password() -> None:
    to = Destination("sip:carol@elsewhere.example", "1", credentials=RIGHT)

    assert PASSWORD not in repr(to)
