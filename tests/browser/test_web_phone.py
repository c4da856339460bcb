"""The web phone in a real browser: what its user sees, and what each party hears."""

import asyncio

import pytest

from tests.browser.chromium import OWN_HZ
from tests.browser.conftest import RECONNECT_WITHIN_S, Pages
from tests.browser.listening import until_heard_again, until_silent
from tests.browser.web_phone import WebPhone
from tests.calls_e2e.conftest import PASSWORD, World, tone
from tests.calls_e2e.hearing import until_tone
from tests.calls_e2e.test_blind_transfer import EXPERT
from tests.calls_e2e.test_dial import (
    dialled,
    each_hears_the_other,
    forwarded,
    sound,
)
from voiceplat.calls.leg import Party
from voiceplat.telephony.softphone import Softphone, SoftphoneCall

pytestmark = [
    pytest.mark.browser,
    pytest.mark.edge,
    pytest.mark.sip,
    pytest.mark.timeout(240),  # the first one waits for the platform and Chromium
]

FAR_HZ = 620.0


async def talking(
    pages: Pages, world: World, carrier: Softphone | None = None
) -> tuple[WebPhone, SoftphoneCall]:
    """A web phone that has answered a call from a carrier."""
    phone = await pages.phone()
    await forwarded(world, f"><User>sip:{phone.user}@phone.plivo.com</User>")
    caller = await dialled(world, carrier or await world.carrier_in_service())
    await phone.answer()
    await caller.until_answered()
    return phone, caller


async def test_a_wrong_password_is_said(pages: Pages) -> None:
    phone = await pages.signed_out()

    await phone.page.get_by_label("User name").fill("nobody")
    await phone.page.get_by_label("Password").fill(PASSWORD)
    await phone.press_button("Sign in")

    alert = phone.page.get_by_role("alert")
    await alert.filter(has_text="Wrong user name or password").wait_for()


async def test_the_browser_calls_an_application_hears_it_and_presses_keys(
    pages: Pages, world: World
) -> None:
    url = world.customer.url
    world.customer.serves("/tone.wav", tone(FAR_HZ, 30))
    app_id = await world.application(
        answer_url=world.customer.document(
            "/answer",
            f'<GetInput action="{url}/pressed" inputType="dtmf" numDigits="3" '
            f'executionTimeout="60"><Play>{url}/tone.wav</Play></GetInput>',
        )
    )
    phone = await pages.phone()

    await phone.call(app_id)
    await phone.is_connected()
    await phone.hears(FAR_HZ)
    await phone.press("1*9")

    (pressed,) = await world.customer.asked_for("/pressed")
    assert pressed.fields["Digits"] == "1*9"
    await phone.is_free()


async def test_a_caller_and_the_browser_hear_each_other(
    pages: Pages, world: World
) -> None:
    phone, caller = await talking(pages, world)

    await until_tone(caller, OWN_HZ)
    saying = asyncio.create_task(caller.say(sound(world.folder, FAR_HZ)))
    await phone.hears(FAR_HZ)
    await caller.hang_up()

    await phone.is_free()
    await asyncio.gather(saying, return_exceptions=True)


async def test_two_browsers_hear_each_other(pages: Pages, world: World) -> None:
    callee = await pages.phone()
    app_id = await world.application(
        answer_url=world.customer.document(
            "/answer",
            f"<Dial><User>sip:{callee.user}@phone.plivo.com</User></Dial>",
        )
    )
    caller: WebPhone = await pages.phone(app_id=app_id)

    await caller.call(callee.user)
    await callee.answer()
    await caller.is_connected()
    await caller.hears(OWN_HZ)
    await callee.hears(OWN_HZ)
    await callee.press_button("Hang up")

    await caller.is_free()


async def test_hold_is_silence_and_what_follows_is_heard_again(
    pages: Pages, world: World
) -> None:
    phone, caller = await talking(pages, world)
    await until_tone(caller, OWN_HZ)

    await phone.press_button("Hold")
    await phone.says("On hold")
    await until_silent(caller)
    await phone.press_button("Hold")
    await phone.is_connected()

    await until_heard_again(caller)
    await phone.press_button("Hang up")
    await caller.until_ended()


async def test_mute_is_silence(pages: Pages, world: World) -> None:
    phone, caller = await talking(pages, world)
    await until_tone(caller, OWN_HZ)

    await phone.press_button("Mute")
    await until_silent(caller)
    await phone.press_button("Mute")

    await until_heard_again(caller)
    await caller.hang_up()


async def test_a_closed_tab_ends_the_call(pages: Pages, world: World) -> None:
    phone, caller = await talking(pages, world)

    await phone.page.close()

    await caller.until_ended()


async def test_a_browser_that_dies_ends_the_call(pages: Pages, world: World) -> None:
    phone, caller = await talking(pages, world)
    await until_tone(caller, OWN_HZ)

    await phone.vanish()

    ended = await caller.until_ended()
    assert ended.by is Party.FAR


async def test_a_call_goes_on_over_a_new_connection(pages: Pages, world: World) -> None:
    phone, caller = await talking(pages, world)
    await until_tone(caller, OWN_HZ)

    async with pages.connections_lost():
        await phone.says("No connection")
    await phone.says(f"Ready as {phone.user}")
    await asyncio.sleep(RECONNECT_WITHIN_S * 2)  # the edge has given up on the old one

    await until_heard_again(caller)
    await caller.hang_up()
    await phone.is_free()


async def test_a_caller_is_sent_on_and_the_browser_is_free(
    pages: Pages, world: World
) -> None:
    carrier = await world.carrier_in_service()
    phone, caller = await talking(pages, world, carrier)

    await phone.press_button("Transfer")
    field = phone.page.get_by_label("Transfer to a number, endpoint or application")
    await field.fill(EXPERT)
    await field.press("Enter")
    expert = await carrier.next_call()
    await expert.answer()

    await phone.is_free()
    await each_hears_the_other(world.folder, caller, expert)
    await expert.hang_up()
    await caller.until_ended()
