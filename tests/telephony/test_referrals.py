"""What the edge hands over of a REFER, and what the far end is told of it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.telephony.bare_sip import BareSip, tag_of
from voiceplat.calls.leg import CallEnded, Referral
from voiceplat.telephony.pj_leg import PjLeg
from voiceplat.telephony.pj_phone import PjPhone

pytestmark = pytest.mark.sip

TARGET = "sip:+15553334444@voiceplat.local"


@pytest.fixture
async def bare() -> AsyncIterator[BareSip]:
    async with BareSip.open() as bare:
        yield bare


async def talking(bare: BareSip, phone: PjPhone) -> tuple[PjLeg, str]:
    bare.request("INVITE", phone.address, body=bare.sdp())
    _, leg = await phone.next_call()
    await leg.answer()
    tag = tag_of(await bare.next("SIP/2.0 200"))
    bare.request("ACK", phone.address, to_tag=tag)
    return leg, tag


async def hand_over(
    phone: PjPhone, call_id: str, to: str = TARGET, number: int = 5
) -> None:
    """As the edge does it: from a socket of its own, outside the call."""
    async with BareSip.open() as edge:
        edge.request(
            "MESSAGE",
            phone.address,
            headers=f"X-VP-Call-ID: {call_id}\r\nX-VP-Refer-CSeq: {number}\r\n",
            kind="text/plain",
            body=f"Refer-To: {to}",
        )
        await edge.next("SIP/2.0 200")


async def notified(bare: BareSip) -> tuple[str, str]:
    """How the subscription is, and what became of the target."""
    notify = await bare.next("NOTIFY")
    told = bare.text.partition("\r\n\r\n")[2].strip()
    bare.respond(notify, "200 OK")
    assert notify.header("Event") == "refer;id=5"
    assert notify.header("Content-Type").startswith("message/sipfrag")
    return notify.header("Subscription-State").partition(";")[0], told


async def test_a_referral_is_taken_and_its_course_is_told(
    phone: PjPhone, bare: BareSip
) -> None:
    leg, _ = await talking(bare, phone)
    waiting = asyncio.create_task(leg.next_referral())
    await asyncio.sleep(0)

    await hand_over(phone, leg.call_id)
    referral = await waiting
    trying = await notified(bare)
    leg.report_referral(referral, 200)

    assert referral == Referral(TARGET, "5")
    assert trying == ("active", "SIP/2.0 100 Trying")
    assert await notified(bare) == ("terminated", "SIP/2.0 200 OK")


async def test_while_nobody_waits_it_is_declined(phone: PjPhone, bare: BareSip) -> None:
    leg, _ = await talking(bare, phone)

    await hand_over(phone, leg.call_id)

    assert await notified(bare) == ("terminated", "SIP/2.0 603 Decline")


async def test_one_without_a_target_is_declined(phone: PjPhone, bare: BareSip) -> None:
    leg, _ = await talking(bare, phone)
    waiting = asyncio.create_task(leg.next_referral())
    await asyncio.sleep(0)

    await hand_over(phone, leg.call_id, to="")

    assert await notified(bare) == ("terminated", "SIP/2.0 603 Decline")
    assert not waiting.done()
    waiting.cancel()


async def test_one_of_another_call_is_not_ours(phone: PjPhone, bare: BareSip) -> None:
    await talking(bare, phone)

    await hand_over(phone, "another")

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(bare.next("NOTIFY"), 0.3)


async def test_a_call_that_ends_refers_nobody(phone: PjPhone, bare: BareSip) -> None:
    leg, tag = await talking(bare, phone)
    waiting = asyncio.create_task(leg.next_referral())
    await asyncio.sleep(0)

    bare.request("BYE", phone.address, to_tag=tag, number=2)

    with pytest.raises(CallEnded):
        await waiting
    leg.report_referral(Referral(TARGET), 200)
