"""Live calls told by Plivo's SDK: transfer, play, speak, digits; proved by ear."""

import asyncio
from functools import partial

import plivo
import pytest

from tests.calls_e2e.conftest import World, tone
from tests.calls_e2e.hearing import SAME_HZ, has_heard, until_tone
from voiceplat.telephony.listen import tones
from voiceplat.telephony.softphone import SoftphoneCall

pytestmark = [pytest.mark.edge, pytest.mark.sip]

FAR_NUMBER = "+33123456789"
PROMPT_S = 0.5
HOLD_HZ, A_HZ, B_HZ, API_HZ = 450.0, 600.0, 800.0, 1100.0


def looped(world: World, hz: float) -> str:
    url = world.customer.serves(f"/{hz:g}.wav", tone(hz, PROMPT_S))
    return f'<Play loop="0">{url}</Play>'


async def in_a_prompt(world: World) -> tuple[SoftphoneCall, str]:
    """A caller who hears HOLD_HZ for ever, and the call_uuid."""
    await world.application(
        answer_url=world.customer.document("/answer", looped(world, HOLD_HZ)),
        hangup_url=f"{world.customer.url}/hangup",
    )
    caller = await world.dialled(await world.carrier())
    start = await world.customer.event("StartApp")
    await until_tone(caller, HOLD_HZ)
    return caller, start.fields["CallUUID"]


async def talking(world: World) -> tuple[SoftphoneCall, SoftphoneCall, str]:
    """Two parties of a Dial, and the A leg's call_uuid."""
    url = world.customer.url
    await world.application(
        answer_url=world.customer.document(
            "/answer",
            f'<Dial action="{url}/dialled" redirect="false" callbackUrl="{url}/events">'
            f"<Number>{FAR_NUMBER}</Number></Dial>" + looped(world, HOLD_HZ),
        ),
        hangup_url=f"{url}/hangup",
    )
    carrier = await world.carrier_in_service()
    caller = await world.dialled(carrier)
    start = await world.customer.event("StartApp")
    callee = await carrier.next_call()
    await callee.answer()
    await caller.until_answered()
    await world.customer.asked_for("/events", times=2)
    return caller, callee, start.fields["CallUUID"]


@pytest.mark.statement(51)
async def test_a_call_is_transferred_in_the_middle_of_a_prompt(world: World) -> None:
    caller, uuid = await in_a_prompt(world)
    to = world.customer.document("/a", looped(world, A_HZ))

    told = await world.sdk(
        lambda: world.client.calls.transfer(uuid, legs="aleg", aleg_url=to)
    )

    await until_tone(caller, A_HZ)
    assert told.message == "call transferred"
    (asked,) = await world.customer.asked_for("/a")
    assert asked.fields["CallUUID"] == uuid
    await caller.hang_up()


async def test_both_legs_are_transferred_each_to_its_own_document(
    world: World,
) -> None:
    caller, callee, uuid = await talking(world)
    to_a = world.customer.document("/a", looped(world, A_HZ))
    to_b = world.customer.document("/b", looped(world, B_HZ))

    await world.sdk(
        lambda: world.client.calls.transfer(
            uuid, legs="both", aleg_url=to_a, bleg_url=to_b
        )
    )

    await asyncio.gather(until_tone(caller, A_HZ), until_tone(callee, B_HZ))
    await caller.hang_up()
    assert callee.ended is None
    await callee.hang_up()
    (asked,) = await world.customer.asked_for("/b")
    b_leg = await world.cdr(asked.fields["CallUUID"])
    assert b_leg.parent_call_uuid == uuid
    assert not has_heard(caller, B_HZ)
    assert not has_heard(callee, A_HZ)


async def test_a_b_leg_that_is_transferred_leaves_the_a_leg_to_its_next_element(
    world: World,
) -> None:
    caller, callee, uuid = await talking(world)
    to = world.customer.document("/b", looped(world, B_HZ))

    await world.sdk(lambda: world.client.calls.transfer(uuid, legs="bleg", bleg_url=to))

    await asyncio.gather(until_tone(caller, HOLD_HZ), until_tone(callee, B_HZ))
    (result,) = await world.customer.asked_for("/dialled")
    assert result.fields["DialStatus"] == "completed"
    await caller.hang_up()
    await callee.hang_up()


async def test_an_a_leg_that_is_transferred_drops_the_b_leg(world: World) -> None:
    caller, callee, uuid = await talking(world)
    to = world.customer.document("/a", looped(world, A_HZ))

    await world.sdk(lambda: world.client.calls.transfer(uuid, legs="aleg", aleg_url=to))

    await callee.until_ended()
    await until_tone(caller, A_HZ)
    await caller.hang_up()


async def test_a_file_is_played_to_both_legs_of_a_talk_and_stopped(
    world: World,
) -> None:
    caller, callee, uuid = await talking(world)
    url = world.customer.serves("/api.wav", tone(API_HZ))

    told = await world.sdk(
        lambda: world.client.calls.play(uuid, [url], legs="both", loop=True)
    )
    await asyncio.gather(until_tone(caller, API_HZ), until_tone(callee, API_HZ))
    stopped = await world.sdk(lambda: world.client.calls.play_stop(uuid))

    assert told.message == "play started"
    assert stopped is None
    assert caller.ended is None
    await caller.hang_up()


async def test_without_mix_the_prompt_is_not_heard_meanwhile_and_goes_on_after_it(
    world: World,
) -> None:
    caller, uuid = await in_a_prompt(world)
    url = world.customer.serves("/api.wav", tone(API_HZ, 2.0))

    await world.sdk(lambda: world.client.calls.play(uuid, [url], mix=False))

    await until_tone(caller, API_HZ)  # a pure tone: with another it would be none
    await asyncio.sleep(3)
    await caller.hang_up()
    await caller.until_ended()
    heard = tones(caller.heard, shortest_s=PROMPT_S / 4)
    alone = [tone for tone in heard if abs(tone.hz - API_HZ) < SAME_HZ]
    assert [tone.seconds for tone in alone] == pytest.approx([2.0], abs=0.2)
    assert heard[-1].hz == pytest.approx(HOLD_HZ, abs=SAME_HZ)


async def test_digits_are_sent_to_the_leg_that_is_named(world: World) -> None:
    caller, callee, uuid = await talking(world)

    await world.sdk(lambda: world.client.calls.send_digits(uuid, "12", leg="bleg"))
    await world.sdk(lambda: world.client.calls.send_digits(uuid, "34", leg="aleg"))

    assert await callee.until_digits(2) == "12"
    assert await caller.until_digits(2) == "34"
    await caller.hang_up()


async def test_a_text_is_spoken_into_the_call(world: World) -> None:
    caller, uuid = await in_a_prompt(world)

    told = await world.sdk(lambda: world.client.calls.speak(uuid, "hello", mix=False))
    stopped = await world.sdk(lambda: world.client.calls.speak_stop(uuid))

    assert told.message == "speak started"
    assert stopped is None
    await caller.hang_up()


async def test_a_call_that_has_just_ended_is_not_found(world: World) -> None:
    caller, uuid = await in_a_prompt(world)
    await caller.hang_up()
    await world.customer.event("Hangup")

    with pytest.raises(plivo.exceptions.ResourceNotFoundError):
        await world.sdk(
            lambda: world.client.calls.transfer(
                uuid, legs="aleg", aleg_url=f"{world.customer.url}/a"
            )
        )


async def test_of_two_transfers_at_once_the_later_one_is_where_it_stays(
    world: World,
) -> None:
    caller, uuid = await in_a_prompt(world)
    first = world.customer.document("/a", looped(world, A_HZ))
    second = world.customer.document("/b", looped(world, B_HZ))

    transfer = partial(world.client.calls.transfer, uuid, legs="aleg")
    await world.sdk(partial(transfer, aleg_url=first))
    await world.sdk(partial(transfer, aleg_url=second))

    await until_tone(caller, B_HZ)
    await caller.hang_up()
