"""Two parties on real calls: who rings, who hears whom, and what the records say."""

import asyncio
from pathlib import Path

import pytest

from tests.calls_e2e.conftest import World, tone, uri
from tests.calls_e2e.hearing import has_heard, until_tone
from tests.servers.customer import Reply
from voiceplat.telephony.listen import write_tone
from voiceplat.telephony.softphone import Softphone, SoftphoneCall

pytestmark = [pytest.mark.edge, pytest.mark.sip]

A_HZ, B_HZ = 500.0, 900.0
FAR_NUMBER = "+33123456789"


async def forwarded(world: World, dial: str, *, after: str = "") -> None:
    """The number's application dials; what becomes of it is told to /dialled."""
    url = world.customer.url
    await world.application(
        answer_url=world.customer.document(
            "/answer",
            f'<Dial action="{url}/dialled" callbackUrl="{url}/events" {dial}</Dial>'
            + after,
        ),
        hangup_url=f"{url}/hangup",
    )


def sound(folder: Path, hz: float) -> Path:
    return write_tone(folder / f"{hz:g}.wav", hz, 30)


async def each_hears_the_other(
    folder: Path, one: SoftphoneCall, other: SoftphoneCall
) -> None:
    """Both say a tone until both have heard the other's."""
    saying = [
        asyncio.create_task(one.say(sound(folder, A_HZ))),
        asyncio.create_task(other.say(sound(folder, B_HZ))),
    ]
    try:
        await asyncio.gather(until_tone(other, A_HZ), until_tone(one, B_HZ))
    finally:
        for task in saying:
            task.cancel()
        await asyncio.gather(*saying, return_exceptions=True)


async def dialled(world: World, carrier: Softphone) -> SoftphoneCall:
    """A caller who has reached the application."""
    call = await world.dialled(carrier)
    await world.customer.event("StartApp")
    return call


@pytest.mark.statement(70, 147, 149, 168, 173)
async def test_a_call_is_forwarded_to_a_number_and_both_have_a_record(
    world: World,
) -> None:
    await forwarded(world, f'sipHeaders="a=1"><Number>{FAR_NUMBER}</Number>')
    carrier = await world.carrier_in_service()
    caller = await dialled(world, carrier)
    callee = await carrier.next_call()
    await callee.ring()
    await caller.until_ringing()

    await callee.answer()
    await caller.until_answered()
    await each_hears_the_other(world.folder, caller, callee)
    await callee.hang_up()
    await caller.until_ended()

    assert callee.invite is not None
    assert callee.invite.request_user == FAR_NUMBER
    assert "+15550199" in callee.invite.from_uri
    assert callee.invite.custom == {"a": "1"}
    assert not has_heard(caller, A_HZ), "nobody hears himself"
    (result,) = await world.customer.asked_for("/dialled")
    assert result.fields["DialStatus"] == "completed"
    assert result.fields["DialHangupCause"] == "NORMAL_CLEARING"
    a_leg = await world.cdr(result.fields["CallUUID"])
    b_leg = await world.cdr(result.fields["DialBLegUUID"])
    assert b_leg.parent_call_uuid == a_leg.call_uuid == result.fields["DialALegUUID"]
    assert (b_leg.call_direction, b_leg.to_number) == ("outbound", "33123456789")
    assert b_leg.hangup_cause_code == 4000
    events = await world.customer.asked_for("/events", times=3)
    assert [it.fields["DialAction"] for it in events] == [
        "answer",
        "connected",
        "hangup",
    ]


@pytest.mark.statement(48, 70)
async def test_what_callback_url_answers_changes_nothing_and_headers_reach_the_callee(
    world: World,
) -> None:
    world.customer.serves("/events", Reply("<Response><Hangup/>", 500))
    number = f"<Number>{FAR_NUMBER}</Number>"
    await forwarded(world, f'sipHeaders="a=1" callbackMethod="GET">{number}')
    carrier = await world.carrier_in_service()
    caller = await dialled(world, carrier)
    callee = await carrier.next_call()

    await callee.answer()
    events = await world.customer.asked_for("/events", times=2)
    await each_hears_the_other(world.folder, caller, callee)
    await callee.hang_up()
    await caller.until_ended()

    assert [it.fields["DialAction"] for it in events] == ["answer", "connected"]
    (result,) = await world.customer.asked_for("/dialled")
    assert result.fields["DialStatus"] == "completed"
    assert callee.invite is not None
    assert callee.invite.custom == {"a": "1"}


@pytest.mark.statement(148, 150, 181)
async def test_a_number_and_two_phones_ring_and_the_first_to_answer_talks(
    world: World,
) -> None:
    anna, ben = await world.phone("Anna"), await world.phone("Ben")
    users = "".join(f"<User>{uri(phone)}</User>" for phone in (anna, ben))
    await forwarded(world, f"><Number>{FAR_NUMBER}</Number>{users}")
    carrier = await world.carrier_in_service()
    caller = await dialled(world, carrier)
    callees = [await phone.next_call() for phone in (carrier, anna, ben)]
    for callee in callees:
        await callee.ring()

    await callees[2].answer()
    await caller.until_answered()
    lost = [await callee.until_ended() for callee in callees[:2]]
    await each_hears_the_other(world.folder, caller, callees[2])
    await caller.hang_up()
    await callees[2].until_ended()

    assert [it.sip_status for it in lost] == [487, 487]
    (result,) = await world.customer.asked_for("/dialled")
    assert result.fields["DialStatus"] == "completed"
    assert result.fields["DialBLegUUID"]


async def test_a_caller_who_gives_up_takes_the_ringing_leg_along(world: World) -> None:
    await forwarded(world, f"><Number>{FAR_NUMBER}</Number>")
    carrier = await world.carrier_in_service()
    caller = await dialled(world, carrier)
    callee = await carrier.next_call()
    await callee.ring()
    await caller.until_ringing()

    await caller.hang_up()

    assert (await callee.until_ended()).sip_status == 487
    (result,) = await world.customer.asked_for("/dialled")
    assert result.fields["DialStatus"] == "cancel"
    assert result.fields["DialHangupCause"] == "ORIGINATOR_CANCEL"
    over = await world.customer.event("Hangup")
    assert over.fields["CallStatus"] == "cancel"


@pytest.mark.statement(169, 170)
async def test_a_busy_callee_is_told_and_the_callers_next_element_runs(
    world: World,
) -> None:
    await forwarded(
        world,
        f'redirect="false"><Number>{FAR_NUMBER}</Number>',
        after='<Hangup reason="busy"/>',
    )
    carrier = await world.carrier_in_service()
    caller = await dialled(world, carrier)
    callee = await carrier.next_call()

    await callee.refuse(486)

    assert (await caller.until_ended()).sip_status == 486
    (result,) = await world.customer.asked_for("/dialled")
    assert result.fields["DialStatus"] == "busy"
    assert result.fields["DialRingStatus"] == "false"


@pytest.mark.statement(48, 155, 159, 175)
async def test_keys_pass_to_the_other_party_are_matched_and_a_star_ends_the_talk(
    world: World,
) -> None:
    nonsense = Reply("<Response><Hangup/></Response>", status=500)
    world.customer.serves("/events", nonsense)  # what it answers changes nothing
    await forwarded(
        world,
        'redirect="false" hangupOnStar="true" digitsMatch="22">'
        f"<Number>{FAR_NUMBER}</Number>",
        after='<Wait length="60"/>',
    )
    carrier = await world.carrier_in_service()
    caller = await dialled(world, carrier)
    callee = await carrier.next_call()
    await callee.answer()
    await caller.until_answered()
    await each_hears_the_other(world.folder, caller, callee)

    await caller.press("122")
    passed_on = await callee.until_digits(3)
    await caller.press("*")
    await callee.until_ended()

    assert passed_on == "122"
    assert caller.ended is None
    events = await world.customer.asked_for("/events", times=4)
    matched = [it.fields for it in events if it.fields["DialAction"] == "digits"]
    assert [it["DialDigitsMatch"] for it in matched] == ["22"]
    await caller.hang_up()


@pytest.mark.statement(160, 164)
async def test_the_callee_hears_the_confirm_sound_and_is_connected_by_its_key(
    world: World,
) -> None:
    url = world.customer.url
    play = world.customer.serves("/tone.wav", tone(700))
    world.customer.document("/confirm", f'<Play loop="0">{play}</Play>')
    await forwarded(
        world,
        f'confirmSound="{url}/confirm" confirmKey="1"><Number>{FAR_NUMBER}</Number>',
    )
    carrier = await world.carrier_in_service()
    caller = await dialled(world, carrier)
    callee = await carrier.next_call()
    await callee.answer()
    await until_tone(callee, 700)
    assert "answered" not in {event.name for event in caller.events}

    await callee.press("1")
    await caller.until_answered()
    await each_hears_the_other(world.folder, caller, callee)
    await callee.hang_up()
    await caller.until_ended()

    assert not has_heard(caller, 700)


@pytest.mark.statement(165)
async def test_the_caller_hears_the_callees_own_early_media(world: World) -> None:
    await forwarded(world, f'dialMusic="real"><Number>{FAR_NUMBER}</Number>')
    carrier = await world.carrier_in_service()
    caller = await dialled(world, carrier)
    callee = await carrier.next_call()
    await callee.open_early_media()
    saying = asyncio.create_task(callee.say(sound(world.folder, B_HZ)))

    await until_tone(caller, B_HZ)

    saying.cancel()
    await asyncio.gather(saying, return_exceptions=True)
    assert "answered" not in {event.name for event in caller.events}
    await caller.hang_up()
    await callee.until_ended()


async def test_the_api_hangs_up_the_b_leg_alone(world: World) -> None:
    await forwarded(
        world,
        f'redirect="false"><Number>{FAR_NUMBER}</Number>',
        after='<Wait length="60"/>',
    )
    carrier = await world.carrier_in_service()
    caller = await dialled(world, carrier)
    callee = await carrier.next_call()
    await callee.answer()
    await caller.until_answered()
    events = await world.customer.asked_for("/events", times=2)
    b_leg = events[0].fields["DialBLegUUID"]
    live = await world.sdk(world.client.live_calls.list_ids)

    await world.sdk(lambda: world.client.calls.delete(b_leg))
    await callee.until_ended()

    assert b_leg in live.calls
    assert caller.ended is None
    record = await world.cdr(b_leg)
    assert record.hangup_source == "API Request"
    await caller.hang_up()
