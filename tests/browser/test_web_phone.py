"""The web phone in a real browser: what its user sees, and what each party hears."""

import pytest

from tests.browser.chromium import OWN_HZ
from tests.browser.conftest import Pages
from tests.browser.web_phone import WebPhone
from tests.calls_e2e.conftest import PASSWORD, World, tone
from tests.calls_e2e.hearing import until_tone
from tests.calls_e2e.test_dial import dialled, forwarded, sound

pytestmark = [pytest.mark.browser, pytest.mark.edge, pytest.mark.sip]

FAR_HZ = 620.0


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
    await phone.says("Call ended")


async def test_a_caller_and_the_browser_hear_each_other(
    pages: Pages, world: World
) -> None:
    phone = await pages.phone()
    await forwarded(world, f"><User>sip:{phone.user}@phone.plivo.com</User>")
    caller = await dialled(world, await world.carrier_in_service())

    await phone.answer()
    await caller.until_answered()
    await until_tone(caller, OWN_HZ)
    await caller.say(sound(world.folder, FAR_HZ))


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

    await caller.says("Call ended")
