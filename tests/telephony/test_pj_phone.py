"""The phone: its limits, its slots, its end; over real SIP with a phone elsewhere."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.telephony.conftest import RTP_PORT_MIN
from voiceplat.calls.leg import CallEnded, Destination, Party
from voiceplat.core.errors import NoLegFree, VoiceplatError
from voiceplat.telephony.listen import tones
from voiceplat.telephony.phone_settings import PhoneSettings
from voiceplat.telephony.pj_leg import PjLeg
from voiceplat.telephony.pj_phone import PjPhone
from voiceplat.telephony.softphone import Softphone, SoftphoneCall

pytestmark = pytest.mark.sip


@pytest.fixture
async def small_phone() -> AsyncIterator[PjPhone]:
    """It has one leg."""
    settings = PhoneSettings(rtp_port_min=RTP_PORT_MIN, max_legs=1)
    async with PjPhone.open(settings) as phone:
        yield phone


def open_files() -> list[str]:
    return sorted(entry.name for entry in Path("/proc/self/fd").iterdir())


async def connected(phone: PjPhone, far_phone: Softphone) -> PjLeg:
    return (await both_ends(phone, far_phone))[0]


async def both_ends(
    phone: PjPhone, far_phone: Softphone
) -> tuple[PjLeg, SoftphoneCall]:
    leg = await phone.dial(Destination(f"sip:1@{far_phone.address}", "2"))
    call = await far_phone.next_call()
    await call.answer()
    await leg.until_answered()
    return leg, call


async def test_a_call_more_than_it_has_legs_is_busy(
    small_phone: PjPhone, far_phone: Softphone
) -> None:
    await far_phone.call(f"sip:1@{small_phone.address}")
    await small_phone.next_call()

    refused = await far_phone.call(f"sip:1@{small_phone.address}")

    assert (await refused.until_ended()).sip_status == 486


async def test_dialling_with_no_leg_left_is_refused(
    small_phone: PjPhone, far_phone: Softphone
) -> None:
    leg = await small_phone.dial(Destination(f"sip:1@{far_phone.address}", "2"))

    with pytest.raises(NoLegFree):
        await small_phone.dial(Destination(f"sip:1@{far_phone.address}", "2"))

    await leg.hang_up()
    await small_phone.dial(Destination(f"sip:1@{far_phone.address}", "2"))


async def test_the_library_s_own_limit_is_no_leg_free() -> None:
    settings = PhoneSettings(rtp_port_min=RTP_PORT_MIN, max_legs=64)
    async with PjPhone.open(settings) as phone:
        nobody = Destination("sip:1@127.0.0.1:9", "2")
        for _ in range(4):
            await phone.dial(nobody)

        with pytest.raises(NoLegFree):
            await asyncio.gather(*(phone.dial(nobody) for _ in range(60)))


async def test_a_new_call_in_an_old_slot_is_not_disturbed_by_the_old_one(
    phone: PjPhone, far_phone: Softphone
) -> None:
    lasting = [await both_ends(phone, far_phone) for _ in range(3)]

    for _ in range(12):
        leg = await connected(phone, far_phone)
        await leg.hang_up()
        with pytest.raises(CallEnded):
            await leg.next_digit()

    assert [leg.ended for leg, _ in lasting] == [None] * 3
    for leg, call in lasting:
        await leg.send_digits("7")
        assert await call.until_digits(1) == "7"


async def test_four_legs_each_hear_their_own_prompt(
    phone: PjPhone, far_phone: Softphone, tone: Path
) -> None:
    legs, calls = [], []
    for _ in range(4):
        calls.append(await far_phone.call(f"sip:1@{phone.address}"))
        _, leg = await phone.next_call()
        await leg.answer()
        legs.append(leg)

    await asyncio.gather(legs[0].play(tone), legs[3].play(tone))
    for leg in legs:
        await leg.hang_up()

    heard = []
    for call in calls:
        await call.until_ended()
        heard.append(len(tones(call.heard)))
    assert heard == [1, 0, 0, 1]


async def test_a_hundred_calls_leave_nothing_behind(
    phone: PjPhone, far_phone: Softphone
) -> None:
    await (await connected(phone, far_phone)).hang_up()
    await asyncio.sleep(0.1)
    files = open_files()

    for _ in range(100):
        await (await connected(phone, far_phone)).hang_up()

    await asyncio.sleep(0.1)
    assert phone.legs == 0
    assert open_files() == files


async def test_closing_the_phone_hangs_up_its_calls(far_phone: Softphone) -> None:
    settings = PhoneSettings(rtp_port_min=RTP_PORT_MIN)
    async with PjPhone.open(settings) as phone:
        answered = await connected(phone, far_phone)
        waiting = await far_phone.call(f"sip:1@{phone.address}")
        await phone.next_call()

    assert answered.ended is not None
    assert answered.ended.by is Party.US
    assert (await waiting.until_ended()).sip_status == 503


async def test_a_phone_may_be_opened_again_but_not_twice() -> None:
    settings = PhoneSettings(rtp_port_min=RTP_PORT_MIN)
    async with PjPhone.open(settings):
        with pytest.raises(VoiceplatError, match="one phone"):
            async with PjPhone.open(settings):
                pass

    async with PjPhone.open(settings) as again:
        assert again.address.startswith("127.0.0.1:")


async def test_a_port_that_is_taken_is_told(phone: PjPhone, tmp_path: Path) -> None:
    taken = PhoneSettings(sip_port=int(phone.address.split(":")[1]))

    with pytest.raises(VoiceplatError, match="SIP port"):
        async with Softphone.start(taken, folder=tmp_path):
            pass
