"""Legs do not come faster than the library gives up their sockets; on virtual time."""

import asyncio

from voiceplat.telephony.pj_phone import LINGERING_LEGS, SOCKETS_LINGER_S, Churn


async def test_the_first_legs_come_as_they_like() -> None:
    churn = Churn()

    for _ in range(LINGERING_LEGS - 1):
        churn.ended()

    assert churn.wait_s() == 0


async def test_one_more_waits_until_the_oldest_is_forgotten() -> None:
    churn = Churn()
    for _ in range(LINGERING_LEGS):
        churn.ended()
        await asyncio.sleep(0.01)

    wait_s = churn.wait_s()
    await asyncio.sleep(wait_s)

    assert 0 < wait_s < SOCKETS_LINGER_S
    assert churn.wait_s() == 0
