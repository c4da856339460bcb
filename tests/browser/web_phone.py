"""Our web phone in a page, used as people use it: by names of fields and buttons."""

import asyncio
import re
from dataclasses import dataclass
from typing import Final

from playwright.async_api import Page, expect

PATIENCE_S: Final = 20
SAME_HZ: Final = 15


@dataclass(slots=True)
class WebPhone:
    page: Page
    user: str = ""

    async def sign_in(self, user: str, password: str) -> None:
        await self.page.get_by_label("User name").fill(user)
        await self.page.get_by_label("Password").fill(password)
        await self.page.get_by_role("button", name="Sign in").click()
        await self.says(f"Ready as {user}")
        self.user = user

    async def call(self, whom: str) -> None:
        field = self.page.get_by_label("Number, endpoint or application", exact=True)
        await field.fill(whom)
        await self.press_button("Call")

    async def press_button(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def answer(self) -> None:
        await self.says("Incoming call")
        await self.press_button("Answer")
        await self.is_connected()

    async def is_connected(self) -> None:
        await self.says("Connected")

    async def says(self, words: str) -> None:
        """One of the page's states is announced so."""
        await expect(
            self.page.get_by_role("status").filter(has_text=words)
        ).to_be_visible()

    async def is_free(self) -> None:
        """The call is over, and another one can be made."""
        dial = self.page.get_by_role("group", name="Dial pad")
        await expect(dial).to_be_visible()

    async def press(self, digits: str) -> None:
        pad = self.page.get_by_role("group", name="Keypad of the call")
        if not await pad.is_visible():
            await self.press_button("Keypad")
        for digit in digits:
            name = {"*": "star", "#": "hash"}.get(digit, digit)
            key = re.compile(rf"^{name}( |$)")  # the letters follow
            await pad.get_by_role("button", name=key).click()
            await asyncio.sleep(0.2)

    async def vanish(self) -> None:
        """Die as a browser does that has no time to say anything."""
        session = await self.page.context.new_cdp_session(self.page)
        dying = asyncio.create_task(session.send("Page.crash"))
        await self.page.wait_for_event("crash")
        dying.cancel()

    async def hears(self, hz: float) -> None:
        """Returns when that tone is what its far end sends."""
        await hears(self.page, hz)


async def hears(page: Page, hz: float) -> None:
    heard = 0.0
    try:
        async with asyncio.timeout(PATIENCE_S):
            while abs(heard - hz) > SAME_HZ:
                heard = await page.evaluate("pitch()")
    except TimeoutError:
        raise AssertionError(f"not {hz} Hz but {heard} Hz") from None
