"""A platform, a Chromium, and pages in it that telephone."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.browser.chromium import chromium
from tests.browser.web_phone import PATIENCE_S, WebPhone
from tests.calls_e2e.conftest import PASSWORD, Site, World, customer, set_up, world
from voiceplat.edge.control import kamailio_rpc
from voiceplat.edge.render import RPC_SOCKET

__all__ = ["customer", "world"]

RECONNECT_WITHIN_S: Final = 6
EAR: Final = Path(__file__).parent / "ear.js"


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    settings = {
        "SIP__RECONNECT_WITHIN_S": str(RECONNECT_WITHIN_S),
        # all browsers of the tests come from one address
        "SIP__FLOOD_REQUESTS": "500",
    }
    with set_up(settings) as made:
        yield made


@pytest.fixture(scope="session")
def chromium_address() -> Iterator[str]:
    with chromium() as address:
        yield address


@dataclass(slots=True)
class Pages:
    """Each page in a profile of its own."""

    browser: Browser
    world: World
    _stack: AsyncExitStack

    async def page(self, url: str, **profile: object) -> Page:
        context = await self.browser.new_context(
            ignore_https_errors=True,
            permissions=["microphone"],
            **profile,  # type: ignore[arg-type]
        )
        self._stack.push_async_callback(context.close)
        await context.add_init_script(path=EAR)
        page = await context.new_page()
        await page.goto(url)
        return page

    async def phone(self, *, app_id: str = "", **profile: object) -> WebPhone:
        """The web phone of a new endpoint, signed in."""
        made = await self.world.sdk(
            lambda: self.world.client.endpoints.create(
                "web", PASSWORD, "web phone", app_id or None
            )
        )
        phone = await self.signed_out(**profile)
        await phone.sign_in(str(made.username), PASSWORD)
        return phone

    async def signed_out(self, **profile: object) -> WebPhone:
        url = f"{self.world.platform.api}/console/phone"
        return WebPhone(await self.page(url, **profile))

    @asynccontextmanager
    async def connections_lost(self) -> AsyncIterator[None]:
        """All browsers lose the edge, and find it again after the block."""
        rpc = partial(kamailio_rpc, self.world.platform.data / "edge" / RPC_SOCKET)
        await rpc("ws.disable")
        for connection in (await rpc("ws.dump"))["connections"]:
            await rpc("ws.close", int(connection.split(":")[0]))
        try:
            yield
        finally:
            await rpc("ws.enable")


@pytest.fixture
async def pages(world: World, chromium_address: str) -> AsyncIterator[Pages]:
    expect.set_options(timeout=PATIENCE_S * 1000)
    async with async_playwright() as playwright, AsyncExitStack() as stack:
        browser = await playwright.chromium.connect_over_cdp(chromium_address)
        yield Pages(browser, world, stack)
