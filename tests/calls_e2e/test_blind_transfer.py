"""A phone sends on whom it talks to (REFER), by ear: who talks then, who is dropped."""

import asyncio

import pytest

from tests.calls_e2e.conftest import PACED_CARRIER, PACED_PREFIX, World, uri
from tests.calls_e2e.test_dial import dialled, each_hears_the_other, forwarded
from tests.calls_e2e.test_ring_group import until_all_legs_are_free
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


async def calling_from_a_phone(
    world: World,
) -> tuple[Softphone, SoftphoneCall, SoftphoneCall]:
    """The carrier, the call of a phone of ours, and the one that the carrier took."""
    url = world.customer.url
    app = await world.application(
        answer_url=world.customer.document(
            "/answer",
            f'<Dial action="{url}/dialled" callbackUrl="{url}/events">'
            "<Number>+15553330001</Number></Dial>",
        ),
        hangup_url=f"{url}/hangup",
    )
    desk = await world.phone("desk", app_id=app)
    carrier = await world.carrier_in_service()
    caller = await desk.call("sip:anybody@phone.plivo.com")
    callee = await carrier.next_call()
    await callee.answer()
    await caller.until_answered()
    await world.customer.asked_for("/events", times=2)
    return carrier, caller, callee


async def assert_each_has_one_record(world: World) -> None:
    """The phone's call, its callee's, and the target's, which is the callee's B leg."""
    (result,) = await world.customer.asked_for("/dialled")
    assert result.fields["DialStatus"] == "completed"
    caller = await world.cdr(result.fields["DialALegUUID"])
    callee = await world.cdr(result.fields["DialBLegUUID"])
    events = await world.customer.asked_for("/events", times=6)
    last = events[-1].fields
    target = await world.cdr(last["DialBLegUUID"])
    assert (caller.hangup_cause_code, caller.hangup_source) == (4000, "Caller")
    assert callee.parent_call_uuid == caller.call_uuid
    assert target.parent_call_uuid == callee.call_uuid == last["DialALegUUID"]
    assert target.to_number == EXPERT.removeprefix("+")
    over = await world.customer.asked_for("/hangup")
    assert [asked.fields["CallUUID"] for asked in over] == [caller.call_uuid]


async def test_a_phone_that_called_sends_its_callee_on(world: World) -> None:
    carrier, caller, callee = await calling_from_a_phone(world)

    await caller.refer(f"sip:{EXPERT}@phone.plivo.com")
    expert = await carrier.next_call()
    await expert.answer()
    await caller.until_ended()
    await each_hears_the_other(world.folder, callee, expert)
    await expert.hang_up()
    await callee.until_ended()

    await assert_each_has_one_record(world)


async def test_a_phone_that_called_may_hang_up_at_once(world: World) -> None:
    carrier, caller, callee = await calling_from_a_phone(world)

    await caller.refer(f"sip:{EXPERT}@phone.plivo.com")
    expert = await carrier.next_call()
    await caller.hang_up()
    await expert.answer()
    await each_hears_the_other(world.folder, callee, expert)
    await callee.hang_up()
    await expert.until_ended()

    await assert_each_has_one_record(world)


async def test_a_phone_whose_target_is_busy_talks_on(world: World) -> None:
    carrier, caller, callee = await calling_from_a_phone(world)

    await caller.refer(f"sip:{EXPERT}@phone.plivo.com")
    expert = await carrier.next_call()
    await expert.refuse(486)
    await expert.until_ended()
    await each_hears_the_other(world.folder, caller, callee)

    await caller.hang_up()
    await callee.until_ended()


async def test_a_phone_on_another_worker_sends_its_caller_on(world: World) -> None:
    phone = await world.phone("desk")
    numbers = [f"{PACED_PREFIX}3000000{place}" for place in range(4)]
    group = "".join(f"<Number>+{number}</Number>" for number in numbers)
    await forwarded(world, f">{group}<User>{uri(phone)}</User>")
    carrier = await world.carrier_in_service()
    others = await world.carrier_in_service(PACED_CARRIER)
    await until_all_legs_are_free(world)
    lent_before = world.platform.log("media").count("leg_lent")
    caller = await dialled(world, carrier)
    ringing = [await others.next_call() for _ in numbers]
    desk = await phone.next_call()
    await desk.answer()
    await caller.until_answered()
    await asyncio.gather(*(lost.until_ended() for lost in ringing))
    assert world.platform.log("media").count("leg_lent") >= lent_before + 2

    await desk.refer(f"sip:{EXPERT}@phone.plivo.com")
    expert = await carrier.next_call()
    await expert.answer()
    await desk.until_ended()

    await each_hears_the_other(world.folder, caller, expert)
    await expert.hang_up()
    await caller.until_ended()
