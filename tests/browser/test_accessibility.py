"""The web phone without a mouse, and what axe says of each of its states."""

import asyncio
from dataclasses import dataclass
from typing import Final

import pytest
from playwright.async_api import Page, expect

from tests.browser.axe import find_barriers
from tests.browser.chromium import OWN_HZ
from tests.browser.conftest import Pages
from tests.browser.listening import until_heard_again, until_silent
from tests.browser.web_phone import WebPhone
from tests.calls_e2e.conftest import PASSWORD, World
from tests.calls_e2e.hearing import until_tone
from tests.calls_e2e.test_dial import dialled, forwarded

pytestmark = [
    pytest.mark.browser,
    pytest.mark.edge,
    pytest.mark.sip,
    pytest.mark.timeout(240),  # the first one waits for the platform and Chromium
]

FAR_NUMBER: Final = "33123456789"
TABS_MAX: Final = 40
FOCUSED: Final = """
() => {
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
  return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
}
"""


@dataclass(slots=True)
class Keyboard:
    """Somebody who has keys alone, and looks where the focus is."""

    page: Page

    async def tab_to(self, role: str, name: str) -> None:
        wanted = self.page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]
        for _ in range(TABS_MAX):
            if await wanted.evaluate("it => it === document.activeElement"):
                assert await self.page.evaluate(FOCUSED), f"no focus seen on {name}"
                return
            await self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never comes to {name}")

    async def at(self, role: str, name: str) -> None:
        """The page brought the focus there by itself."""
        wanted = self.page.get_by_role(role, name=name, exact=True)  # type: ignore[arg-type]
        await expect(wanted).to_be_focused()

    async def press(self, key: str) -> None:
        await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        await self.page.keyboard.type(text)


async def endpoint(world: World, app_id: str = "") -> str:
    made = await world.sdk(
        lambda: world.client.endpoints.create(
            "web", PASSWORD, "web phone", app_id or None
        )
    )
    return str(made.username)


async def test_a_call_is_made_muted_keyed_and_ended_by_keyboard(
    pages: Pages, world: World
) -> None:
    app_id = await world.application(
        answer_url=world.customer.document(
            "/answer", f"<Dial><Number>{FAR_NUMBER}</Number></Dial>"
        )
    )
    carrier = await world.carrier_in_service()
    phone = await pages.signed_out()
    keys = Keyboard(phone.page)
    user = await endpoint(world, app_id)

    await keys.at("textbox", "User name")
    await keys.type(user)
    await keys.tab_to("textbox", "Password")
    await keys.type(PASSWORD)
    await keys.press("Enter")
    await phone.says(f"Ready as {user}")
    await keys.at("textbox", "Number, endpoint or application")
    await keys.type(FAR_NUMBER)
    await keys.press("Enter")
    callee = await carrier.next_call()
    await keys.at("button", "Hang up")
    await callee.answer()
    await phone.is_connected()

    await keys.at("button", "Mute")
    await until_tone(callee, OWN_HZ)
    await keys.press("Space")
    await until_silent(callee)
    await keys.press("Space")
    await until_heard_again(callee)
    await keys.tab_to("button", "Keypad")
    await keys.press("Enter")
    for name in ("7 PQRS", "hash"):
        await keys.tab_to("button", name)
        await keys.press("Space")
    async with asyncio.timeout(20):
        assert await callee.until_digits(2) == "7#"
    await keys.tab_to("button", "Hang up")
    await keys.press("Enter")

    await callee.until_ended()
    await phone.is_free()
    await keys.at("textbox", "Number, endpoint or application")
    await keys.tab_to("button", "Sign out")
    await keys.press("Enter")
    await keys.at("textbox", "User name")


async def test_a_call_is_answered_held_and_transferred_by_keyboard(
    pages: Pages, world: World
) -> None:
    carrier = await world.carrier_in_service()
    phone = await pages.phone()
    keys = Keyboard(phone.page)
    await forwarded(world, f"><User>sip:{phone.user}@phone.plivo.com</User>")
    caller = await dialled(world, carrier)

    await keys.at("button", "Answer")
    await keys.press("Enter")
    await caller.until_answered()
    await until_tone(caller, OWN_HZ)
    await keys.tab_to("button", "Hold")
    await keys.press("Space")
    await phone.says("On hold")
    await keys.press("Space")
    await phone.is_connected()
    await keys.tab_to("button", "Transfer")
    await keys.press("Enter")
    await keys.at("textbox", "Transfer to a number, endpoint or application")
    await keys.type(FAR_NUMBER)
    await keys.press("Enter")

    expert = await carrier.next_call()
    await expert.answer()
    await phone.is_free()
    await caller.hang_up()


async def without_barriers(phone: WebPhone, state: str) -> None:
    assert await find_barriers(phone.page) == [], state


async def test_axe_objects_to_nothing_before_a_call(pages: Pages, world: World) -> None:
    phone = await pages.signed_out()
    await without_barriers(phone, "sign-in")
    await phone.page.get_by_label("User name").fill("nobody")
    await phone.page.get_by_label("Password").fill("wrong")
    await phone.press_button("Sign in")
    await phone.page.get_by_role("alert").filter(has_text="Wrong user").wait_for()
    await without_barriers(phone, "refused")

    await phone.sign_in(await endpoint(world), PASSWORD)
    await without_barriers(phone, "ready")
    await phone.call("not to be called")
    await phone.page.get_by_role("alert").filter(has_text="cannot be called").wait_for()
    await without_barriers(phone, "a number that is none")
    async with pages.connections_lost():
        await phone.says("No connection")
        await without_barriers(phone, "no connection")


async def test_axe_objects_to_nothing_in_a_call(pages: Pages, world: World) -> None:
    app_id = await world.application(
        answer_url=world.customer.document(
            "/answer", f"<Dial><Number>{FAR_NUMBER}</Number></Dial>"
        )
    )
    carrier = await world.carrier_in_service()
    phone = await pages.phone(app_id=app_id)

    await phone.call(FAR_NUMBER)
    callee = await carrier.next_call()
    await callee.ring()
    await phone.says("Ringing")
    await without_barriers(phone, "ringing")
    await callee.answer()
    await phone.is_connected()
    await expect(phone.page.get_by_text("Jitter")).to_be_visible()
    await without_barriers(phone, "talking")
    await phone.press_button("Mute")
    await phone.press("1")
    await without_barriers(phone, "muted, with the keypad")
    await phone.press_button("Transfer")
    await without_barriers(phone, "with the field of a transfer")
    await phone.press_button("Hold")
    await phone.says("On hold")
    await without_barriers(phone, "on hold")
    await callee.hang_up()
    await phone.says("Call ended")
    await without_barriers(phone, "ended")
    await phone.is_free()
    await without_barriers(phone, "with a past call")


async def test_axe_objects_to_nothing_while_it_rings(
    pages: Pages, world: World
) -> None:
    phone = await pages.phone()
    await forwarded(world, f"><User>sip:{phone.user}@phone.plivo.com</User>")
    caller = await dialled(world, await world.carrier_in_service())

    await phone.says("Incoming call")

    await without_barriers(phone, "incoming")
    await caller.hang_up()
