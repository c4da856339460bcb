"""A phone sends its caller on (REFER), by ear: who talks then, who is dropped."""

import pytest

from tests.calls_e2e.conftest import World, uri
from tests.calls_e2e.test_dial import dialled, each_hears_the_other, forwarded
from voiceplat.telephony.softphone import Softphone, SoftphoneCall

pytestmark = [pytest.mark.edge, pytest.mark.sip]

EXPERT = "+33123456789"


async def talking_to_a_phone(
    world: World,
) -> tuple[Softphone, SoftphoneCall, SoftphoneCall]:
    """The carrier, its call, and that of the phone that answered it."""
    phone = await world.phone("desk")
    await forwarded(world, f"><User>{uri(phone)}</User>")
    carrier = await world.carrier_in_service()
    caller = await dialled(world, carrier)
    desk = await phone.next_call()
    await desk.answer()
    await caller.until_answered()
    await world.customer.asked_for("/events", times=2)
    return carrier, caller, desk


async def test_the_caller_talks_to_the_target_and_the_phone_is_dropped(
    world: World,
) -> None:
    carrier, caller, desk = await talking_to_a_phone(world)

    await desk.refer(f"sip:{EXPERT}@phone.plivo.com")
    expert = await carrier.next_call()
    await expert.answer()
    await desk.until_ended()
    await each_hears_the_other(world.folder, caller, expert)
    await expert.hang_up()
    await caller.until_ended()

    assert expert.invite is not None
    assert expert.invite.request_user == EXPERT
    (result,) = await world.customer.asked_for("/dialled")
    record = await world.cdr(result.fields["DialBLegUUID"])
    assert record.to_number == EXPERT.removeprefix("+")
    assert record.parent_call_uuid == result.fields["DialALegUUID"]


async def test_a_target_that_is_busy_leaves_the_two_talking(world: World) -> None:
    carrier, caller, desk = await talking_to_a_phone(world)

    await desk.refer(f"sip:{EXPERT}@phone.plivo.com")
    expert = await carrier.next_call()
    await expert.refuse(486)
    await expert.until_ended()
    await each_hears_the_other(world.folder, caller, desk)

    await desk.hang_up()
    await caller.until_ended()


async def test_a_phone_that_hangs_up_at_once_has_sent_its_caller_on_all_the_same(
    world: World,
) -> None:
    carrier, caller, desk = await talking_to_a_phone(world)

    await desk.refer(f"sip:{EXPERT}@phone.plivo.com")
    expert = await carrier.next_call()
    await desk.hang_up()
    await expert.answer()
    await each_hears_the_other(world.folder, caller, expert)

    await caller.hang_up()
    await expert.until_ended()
