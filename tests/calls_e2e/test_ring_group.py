"""Ten callees of one Dial, more than a worker has legs: all ring, the last talks."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.calls_e2e.conftest import CARRIER, PACED_CARRIER, PACED_PREFIX, World
from tests.calls_e2e.test_dial import each_hears_the_other, forwarded
from voiceplat.core.settings import MediaSettings
from voiceplat.telephony.softphone import Softphone, SoftphoneCall

pytestmark = [pytest.mark.edge, pytest.mark.sip]

THIRD_CARRIER, THIRD_PREFIX = "127.0.0.6", "88"
PREFIXES = (*("44",) * 4, *(PACED_PREFIX,) * 4, *(THIRD_PREFIX,) * 2)
"""A carrier's phone takes four calls; the third one has the caller, too."""
NUMBERS = [f"{prefix}2000000{place}" for place, prefix in enumerate(PREFIXES)]
SLOTS = 3 * MediaSettings().sessions_per_worker
FAR_TOO_LATE_S = 60


@pytest.fixture
async def third_carrier(world: World) -> Softphone:
    at = ("--host", THIRD_CARRIER, "--port", str(world.site.port))
    await asyncio.to_thread(
        world.platform.operate, "trunk", "add", "third", *at, "--prefix", THIRD_PREFIX
    )
    return await world.carrier_in_service(THIRD_CARRIER)


async def until_all_legs_are_free(world: World) -> None:
    """The group needs eleven of the twelve that the platform's three workers have."""
    async with world.bus() as bus, asyncio.timeout(FAR_TOO_LATE_S):
        while await bus.slots.count() < SLOTS:  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def ringing_calls(carriers: list[Softphone]) -> dict[str, SoftphoneCall]:
    """The calls of all callees, by the number that is called."""
    counts = Counter(PREFIXES).values()
    calls = [
        await carrier.next_call()
        for carrier, count in zip(carriers, counts, strict=True)
        for _ in range(count)
    ]
    await asyncio.gather(*(call.ring() for call in calls))
    return {
        call.invite.request_user.removeprefix("+"): call
        for call in calls
        if call.invite
    }


@pytest.mark.statement(148, 150)
async def test_ten_phones_ring_on_workers_of_four_legs_and_the_last_one_talks(
    world: World, third_carrier: Softphone
) -> None:
    numbers = "".join(f"<Number>+{it}</Number>" for it in NUMBERS)
    await forwarded(world, f">{numbers}")
    carriers = [
        await world.carrier_in_service(CARRIER),
        await world.carrier_in_service(PACED_CARRIER),
        third_carrier,
    ]
    await until_all_legs_are_free(world)
    caller = await world.dialled(carriers[-1])
    async with asyncio.timeout(FAR_TOO_LATE_S):
        callees = await ringing_calls(carriers)
    assert sorted(callees) == sorted(NUMBERS)
    winner = callees.pop(NUMBERS[-1])

    await winner.answer()
    await caller.until_answered()
    lost = await asyncio.gather(*(call.until_ended() for call in callees.values()))
    await each_hears_the_other(world.folder, caller, winner)
    await winner.hang_up()
    await caller.until_ended()

    assert [ended.sip_status for ended in lost] == [487] * 9
    assert world.platform.log("media").count("leg_lent") >= len(NUMBERS) - 3
    await assert_each_leg_has_one_end(world)


async def b_legs_of(world: World, a_leg: str) -> list[Any]:
    """The records whose parent it is."""
    found = await world.sdk(
        lambda: world.client.calls.list(parent_call_uuid=a_leg, limit=20)
    )
    return list(found)


async def assert_each_leg_has_one_end(world: World) -> None:
    """A record for each, with the A leg as parent, and one terminal event."""
    (result,) = await world.customer.asked_for("/dialled")
    a_leg = result.fields["DialALegUUID"]
    await world.cdr(a_leg)
    async with asyncio.timeout(FAR_TOO_LATE_S):
        while len(legs := await b_legs_of(world, a_leg)) < len(NUMBERS):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    assert Counter(leg.to_number for leg in legs) == Counter(NUMBERS)
    causes = Counter(leg.hangup_cause_code for leg in legs)
    assert causes == {9000: 9, 4000: 1}
    over = await world.customer.asked_for("/hangup")
    assert [asked.fields["CallUUID"] for asked in over] == [a_leg]
    events = await world.customer.asked_for("/events", times=3)
    assert [it.fields["DialAction"] for it in events] == [
        "answer",
        "connected",
        "hangup",
    ]
