"""Pictures of the web phone for docs/, of a platform that is running.

voiceplat up --json >up.json      # in another terminal
.venv/bin/python -m scripts.doc_images up.json
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Final

import httpx
from playwright.async_api import Browser, Page, async_playwright

from tests.browser.chromium import chromium
from tests.servers.customer import customer_server

IMAGES: Final = Path(__file__).parent.parent / "docs" / "images"
PASSWORD: Final = "a-good-password"  # noqa: S105 - of endpoints made here
DESK: Final = {"width": 560, "height": 720}
POCKET: Final = {"width": 360, "height": 700}
SETTLED_S: Final = 5


async def main(said: dict[str, str]) -> None:
    with chromium() as address:
        async with async_playwright() as playwright, customer_server() as customer:
            browser = await playwright.chromium.connect_over_cdp(address)
            words = "Good morning. All our desks are busy, please hold the line. " * 20
            await pictures(
                browser, said, customer.document("/answer", f"<Speak>{words}</Speak>")
            )


async def pictures(browser: Browser, said: dict[str, str], answer_url: str) -> None:
    anna, ben = await endpoint(said, "anna"), await endpoint(said, "ben")
    first = await page(browser, said, DESK, "light")
    await first.screenshot(path=IMAGES / "web-phone-sign-in.png")
    await sign_in(first, anna)
    second = await page(browser, said, POCKET, "dark")
    await sign_in(second, ben)
    await first.get_by_label("Number, endpoint or application", exact=True).fill(
        "+1 415 555 0100"
    )
    await first.screenshot(path=IMAGES / "web-phone-dial.png")
    order = {
        "from": "14155550100",
        "to": f"sip:{ben}@phone.plivo.com",
        "answer_url": answer_url,
    }
    await post(said, "Call/", order)
    await second.get_by_text("Incoming call").wait_for()
    await second.screenshot(path=IMAGES / "web-phone-incoming.png")
    await second.get_by_role("button", name="Answer").click()
    await second.get_by_text("Connected").wait_for()
    await second.get_by_role("button", name="Keypad", exact=True).click()
    await asyncio.sleep(SETTLED_S)
    await second.screenshot(path=IMAGES / "web-phone-talking.png")


async def page(browser: Browser, said: dict[str, str], size: object, look: str) -> Page:
    context = await browser.new_context(
        viewport=size,  # type: ignore[arg-type]
        color_scheme=look,  # type: ignore[arg-type]
        permissions=["microphone"],
    )
    made = await context.new_page()
    await made.goto(f"{said['api']}/console/phone")
    return made


async def sign_in(at: Page, user: str) -> None:
    await at.get_by_label("User name").fill(user)
    await at.get_by_label("Password").fill(PASSWORD)
    await at.get_by_role("button", name="Sign in").click()
    await at.get_by_text("Ready as").wait_for()


async def endpoint(said: dict[str, str], name: str) -> str:
    order = {"username": name, "password": PASSWORD, "alias": name}
    return str((await post(said, "Endpoint/", order))["username"])


async def post(said: dict[str, str], path: str, order: object) -> dict[str, object]:
    url = f"{said['api']}/v1/Account/{said['auth_id']}/{path}"
    auth = (said["auth_id"], said["auth_token"])
    async with httpx.AsyncClient(auth=auth) as client:
        answer = await client.post(url, json=order)
    answer.raise_for_status()
    told: dict[str, object] = answer.json()
    return told


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text())))
