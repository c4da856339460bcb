"""Menus by keys, on real calls: what the caller hears and presses, what comes of it."""

from contextlib import suppress

import pytest

from tests.calls_e2e.conftest import TONE_HZ, World, tone
from tests.calls_e2e.hearing import until_tone
from voiceplat.telephony.listen import tones
from voiceplat.telephony.softphone import OrderFailed, SoftphoneCall

pytestmark = [pytest.mark.edge, pytest.mark.sip]


async def asked(world: World, document: str) -> SoftphoneCall:
    """A caller who has been answered by that document."""
    await world.application(
        answer_url=world.customer.document("/answer", document),
        hangup_url=f"{world.customer.url}/hangup",
    )
    carrier = await world.carrier()
    call = await world.dialled(carrier)
    await call.until_answered()
    return call


async def press(call: SoftphoneCall, keys: str) -> None:
    """Press them; the call may end with the last one."""
    with suppress(OrderFailed):
        await call.press(keys)


def menu(world: World, attributes: str, hz: float = TONE_HZ) -> str:
    """A tone that would play for ever, and keys that are waited for."""
    sound = world.customer.serves(f"/{hz:g}.wav", tone(hz))
    return (
        f'<GetDigits action="{world.customer.url}/keys" {attributes}>'
        f'<Play loop="0">{sound}</Play></GetDigits>'
    )


@pytest.mark.statement(101, 103, 110, 119, 42)
async def test_keys_cut_the_prompt_and_their_document_runs(world: World) -> None:
    world.customer.document("/keys", "<Hangup/>")
    call = await asked(world, menu(world, 'numDigits="4"'))
    await until_tone(call, TONE_HZ)

    await press(call, "12#")
    await call.until_ended()

    (request,) = await world.customer.asked_for("/keys")
    assert request.fields["Digits"] == "12"
    assert request.fields["Event"] == "Redirect"
    assert request.fields["CallStatus"] == "in-progress"
    assert [it for it in tones(call.heard) if abs(it.hz - TONE_HZ) < 15]
    over = await world.customer.event("Hangup")
    assert over.fields["HangupCauseCode"] == "4000"


@pytest.mark.statement(43, 116)
async def test_without_redirect_the_keys_are_told_in_order_and_the_call_goes_on(
    world: World,
) -> None:
    attributes = 'redirect="false" numDigits="1"'
    call = await asked(
        world, menu(world, attributes, 500) + menu(world, attributes, 800)
    )

    for hz, key in ((500, "5"), (800, "8")):
        await until_tone(call, hz)
        await press(call, key)
    await call.until_ended()

    told = await world.customer.asked_for("/keys", times=2)
    over = await world.customer.event("Hangup")
    assert [it.fields["Digits"] for it in told] == ["5", "8"]
    assert told[-1].at_ms <= over.at_ms
    assert over.fields["HangupCauseCode"] == "4010"


@pytest.mark.statement(111)
async def test_a_beep_says_when_to_press(world: World) -> None:
    call = await asked(world, '<GetDigits playBeep="true" timeout="1"/>')

    await call.until_ended()

    (beep,) = tones(call.heard)
    assert beep.hz == pytest.approx(1000, abs=5)
    assert beep.seconds == pytest.approx(0.25, abs=0.05)


@pytest.mark.statement(281)
async def test_keys_are_taken_before_the_call_is_answered(world: World) -> None:
    world.customer.document("/keys", '<Hangup reason="busy"/>')
    one_key = menu(world, 'numDigits="1"')
    await world.application(
        answer_url=world.customer.document(
            "/answer", f"<PreAnswer>{one_key}</PreAnswer>"
        ),
    )
    carrier = await world.carrier()
    call = await world.dialled(carrier)
    await until_tone(call, TONE_HZ)

    await press(call, "3")

    assert (await call.until_ended()).sip_status == 486
    (request,) = await world.customer.asked_for("/keys")
    assert request.fields["Digits"] == "3"
    assert request.fields["CallStatus"] == "ringing"


@pytest.mark.parametrize("tone_ms", [60, 160])
async def test_a_card_number_comes_whole_however_short_its_keys(
    world: World, tone_ms: int
) -> None:
    world.customer.document("/keys", "<Hangup/>")
    call = await asked(world, menu(world, 'numDigits="16" digitTimeout="9"'))
    await until_tone(call, TONE_HZ)

    with suppress(OrderFailed):
        for key in "4929000012345678":
            await call.press(key, tone_ms=tone_ms)

    (request,) = await world.customer.asked_for("/keys")
    assert request.fields["Digits"] == "4929000012345678"
