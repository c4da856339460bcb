"""A customer's page with Plivo's browser SDK, and what its events say."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Page, Route

from tests.browser.web_phone import PATIENCE_S

FOLDER: Final = Path(__file__).parent
SDK: Final = FOLDER / "node_modules/plivo-browser-sdk/dist/plivobrowsersdk.js"
URL: Final = "http://localhost/customer/"
PAGE: Final = (
    "<!doctype html><meta charset=utf-8><title>customer</title><body>"
    "<script src=plivobrowsersdk.js></script><script src=sdk.js></script>"
)


@dataclass(slots=True)
class SdkPage:
    page: Page

    async def log_in(self, user: str, password: str) -> None:
        await self.page.evaluate("it => client.login(...it)", [user, password])

    async def log_in_by_token(self, token: str) -> None:
        await self.page.evaluate("it => client.loginWithAccessToken(it)", token)

    async def call(self, whom: str, headers: Mapping[str, str]) -> None:
        await self.page.evaluate("it => client.call(...it)", [whom, dict(headers)])

    async def does(self, what: str) -> None:
        """One of the client's methods without arguments."""
        await self.page.evaluate("it => client[it]()", what)

    async def told(self, event: str, *with_: str) -> list[Any]:
        """What came with the first event of that name, once it came."""
        happened: list[list[Any]] = []
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    happened = await self.page.evaluate("happened")
                    for name, *what in happened:
                        if name == event and with_ in ((), tuple(what)):
                            return what
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"no {event}: {happened}") from None


async def open_sdk_page(page: Page, socket: str, policy: str) -> SdkPage:
    """`policy` is the page's Content-Security-Policy."""
    if not SDK.exists():
        pytest.skip("plivo-browser-sdk is not here: scripts/setup test web")

    async def serve(route: Route) -> None:
        name = route.request.url.removeprefix(URL)
        headers = {"Content-Security-Policy": policy}
        match name:
            case "":
                await route.fulfill(
                    body=PAGE, content_type="text/html", headers=headers
                )
            case "plivobrowsersdk.js":
                await route.fulfill(path=SDK)
            case "sdk.js":
                await route.fulfill(path=FOLDER / "sdk.js")
            case _:
                await route.fulfill(status=404)

    await page.context.route(URL + "**", serve)
    await page.goto(URL)
    await page.evaluate("it => begin(it)", socket)
    return SdkPage(page)
