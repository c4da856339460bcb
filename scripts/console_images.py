"""Pictures of the console for docs/, of a platform that is running.

voiceplat up --json >up.json      # in another terminal
.venv/bin/python -m scripts.console_images up.json
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from scripts.doc_images import IMAGES, endpoint, page, post, sign_in
from tests.browser.chromium import chromium
from tests.servers.customer import CustomerServer, Reply, customer_server
from tests.servers.free_ports import free_port

WIDE: Final = ViewportSize(width=1180, height=820)
CARRIER: Final = "127.0.0.3"
POCKET: Final = ViewportSize(width=360, height=720)
ASKS: Final = "Press 1 for sales, 2 for support. "


async def main(said: dict[str, str]) -> None:
    with chromium() as address:
        async with async_playwright() as playwright, customer_server() as customer:
            browser = await playwright.chromium.connect_over_cdp(address)
            await pictures(browser, said, customer)


async def pictures(
    browser: Browser, said: dict[str, str], customer: CustomerServer
) -> None:
    uuid = await failed_ivr(browser, said, customer)
    async with busy_hour(browser, said, customer):
        await taken(browser, said, uuid)


async def taken(browser: Browser, said: dict[str, str], uuid: str) -> None:
    wide = await desk(browser, said, WIDE, "light")
    small = await desk(browser, said, POCKET, "dark")
    for at, ending in ((wide, ""), (small, "-small")):
        await at.goto(f"{said['api']}/console/")
        await at.get_by_text("in progress").first.wait_for()
        await at.screenshot(path=IMAGES / f"console-overview{ending}.png")
        await at.goto(f"{said['api']}/console/call/{uuid}")
        await at.locator("#ladder li[data-decided]").wait_for()
        await at.locator(".waveform .band").first.wait_for()
        await at.screenshot(path=IMAGES / f"console-call{ending}.png", full_page=True)
    await wide.goto(f"{said['api']}/console/calls")
    await wide.locator("#calls tbody tr").first.wait_for()
    await wide.screenshot(path=IMAGES / "console-calls.png")


async def failed_ivr(
    browser: Browser, said: dict[str, str], customer: CustomerServer
) -> str:
    """Somebody calls an application by web phone and presses a key; its uuid."""
    url = customer.url
    customer.serves("/menu", Reply("<h1>Internal Server Error</h1>", status=500))
    answer = customer.document(
        "/ivr",
        f'<Record recordSession="true" redirect="false" action="{url}/recorded"/>'
        f'<GetDigits action="{url}/menu" numDigits="1" timeout="60">'
        f"<Speak>{ASKS * 9}</Speak></GetDigits>",
    )
    app = {"app_name": "ivr", "answer_url": answer, "hangup_url": f"{url}/hangup"}
    app_id = (await post(said, "Application/", app))["app_id"]
    phone = await page(browser, said, POCKET, "light")
    await sign_in(phone, await endpoint(said, "dora"))
    number = phone.get_by_label("Number, endpoint or application", exact=True)
    await number.fill(str(app_id))
    await phone.get_by_role("button", name="Call", exact=True).click()
    await phone.get_by_text("Connected").wait_for()
    started = await customer.event("StartApp")
    await asyncio.sleep(6)
    keys = phone.get_by_role("group", name="Keypad of the call")
    if not await keys.is_visible():
        await phone.get_by_role("button", name="Keypad", exact=True).click()
    await keys.get_by_role("button", name="2 ABC").click()
    await customer.asked_for("/hangup")
    await asyncio.sleep(8)  # until its recording is in the store
    return started.fields["CallUUID"]


@asynccontextmanager
async def busy_hour(
    browser: Browser, said: dict[str, str], customer: CustomerServer
) -> AsyncIterator[None]:
    """One who talks, calls that were answered, and more than may start at once."""
    waits = customer.document("/waits", '<Wait length="120"/>')
    phone = await page(browser, said, POCKET, "light")
    user = await endpoint(said, "ben")
    await sign_in(phone, user)
    order: dict[str, Any] = {"from": "14155550100", "answer_url": waits}
    ben = {"to": f"sip:{user}@phone.plivo.com", "caller_name": "Sales"}
    await post(said, "Call/", order | ben)
    await phone.get_by_role("button", name="Answer").click()
    await phone.get_by_text("Connected").wait_for()
    short = order | {"answer_url": customer.document("/talk", '<Wait length="4"/>')}
    await post(said, "Call/", short | {"to": "81355501"})  # no trunk leads there
    async with carrier(said):
        await post(said, "Call/", short | {"to": numbers("4930", 12)})
        await asyncio.sleep(14)
        await post(said, "Call/", order | {"to": numbers("4989", 30)})
        await asyncio.sleep(5)
        yield


def numbers(prefix: str, count: int) -> str:
    return "<".join(f"{prefix}{1234567 + 7919 * place}" for place in range(count))


@asynccontextmanager
async def carrier(said: dict[str, str]) -> AsyncIterator[None]:
    """A trunk for German numbers that SIPp answers."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *("sipp", "-sn", "uas", "-aa", "-nostdin", "-i", CARRIER, "-p", str(port)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        trunk = {"name": "berlin", "host": CARRIER, "port": port, "prefixes": ["49"]}
        await post(said, "Trunk/", trunk)
        await asyncio.sleep(2)  # until the edge has probed it
        yield
    finally:
        process.terminate()
        await process.wait()


async def desk(
    browser: Browser, said: dict[str, str], size: ViewportSize, look: str
) -> Page:
    context = await browser.new_context(
        viewport=size,
        color_scheme=look,  # type: ignore[arg-type]
    )
    made = await context.new_page()
    await made.goto(f"{said['api']}/console/login")
    await made.get_by_label("auth_id").fill(said["auth_id"])
    await made.get_by_label("auth_token").fill(said["auth_token"])
    await made.get_by_role("button", name="Log in").click()
    await made.wait_for_url(f"{said['api']}/console/")
    return made


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))
