"""The console in a real browser: what people see of real calls, while they happen."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from tests.browser.axe import find_barriers
from tests.browser.conftest import Pages
from tests.browser.desk import Desk
from tests.calls_e2e.conftest import World, tone
from tests.calls_e2e.recorded import ready
from tests.servers.customer import Reply
from voiceplat.telephony.softphone import OrderFailed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.edge,
    pytest.mark.sip,
    pytest.mark.timeout(240),  # the first one waits for the platform and Chromium
]

EVIL = "<img src=x onerror=document.title='evil'>"
Opener = Callable[..., Coroutine[Any, Any, Desk]]


@pytest.fixture
async def opened(pages: Pages, world: World) -> AsyncIterator[Opener]:
    """Desks, none of which gave the browser a reason to complain."""
    desks: list[Desk] = []

    async def opened(path: str = "", **profile: object) -> Desk:
        """Logged in, unless there is no path."""
        desk = Desk(await pages.page("about:blank", **profile), world.platform.api)
        desks.append(desk)
        if path:
            await desk.log_in(world.platform.auth_id, world.platform.auth_token, path)
        return desk

    yield opened
    assert [text for desk in desks for text in desk.complaints] == []


async def all_hung_up(world: World) -> None:
    platform = world.platform
    auth = (platform.auth_id, platform.auth_token)
    async with httpx.AsyncClient(auth=auth) as client:
        await client.delete(f"{platform.api}/v1/Account/{platform.auth_id}/Call/")


async def test_who_has_the_token_is_let_in_and_can_leave(
    opened: Opener, world: World
) -> None:
    desk = await opened()
    await desk.open("/calls?cause=4000")

    await desk.try_credentials(world.platform.auth_id, "a wrong token")
    await desk.is_told("Wrong auth_id or auth_token")
    desk.complaints.clear()  # the browser tells of every 401
    await desk.try_credentials(world.platform.auth_id, world.platform.auth_token)
    await desk.page.wait_for_url("**/console/calls?cause=4000")
    await expect(desk.page.get_by_role("heading", name="Calls")).to_be_visible()
    await desk.page.get_by_role("button", name="Log out").click()
    await expect(desk.page.get_by_role("button", name="Log in")).to_be_visible()
    await desk.open("/")
    await expect(desk.page.get_by_role("button", name="Log in")).to_be_visible()


async def test_who_guesses_is_told_to_come_back_later(opened: Opener) -> None:
    desk = await opened()
    await desk.open("/login")

    for _ in range(5):
        await desk.try_credentials("MAGUESSER", "guess")
        await desk.is_told("Wrong auth_id or auth_token")
    await desk.try_credentials("MAGUESSER", "guess")

    await desk.is_told("Too many wrong tokens")
    desk.complaints.clear()


async def test_an_account_that_is_closed_is_out_while_it_looks(
    opened: Opener, world: World
) -> None:
    sub = await world.sdk(lambda: world.client.subaccounts.create("looker", True))
    desk = await opened()
    await desk.log_in(str(sub.auth_id), str(sub.auth_token))
    await expect(desk.page.get_by_text("looker")).to_be_visible()
    await expect(desk.page.get_by_role("heading", name="Media nodes")).to_be_hidden()

    await world.sdk(
        lambda: world.client.subaccounts.update(str(sub.auth_id), "looker", False)
    )

    await expect(desk.page.get_by_role("button", name="Log in")).to_be_visible()
    desk.complaints.clear()


async def test_the_overview_follows_a_call_from_ring_to_end(
    opened: Opener, world: World
) -> None:
    desk = await opened("/")
    await world.application(
        answer_url=world.customer.document("/answer", '<Wait length="60"/>')
    )
    phone = await world.phone("reception")
    ringing = await world.place(
        f"sip:{phone.settings.user}@phone.plivo.com",
        '<Wait length="60"/>',
        caller_name=EVIL,
    )
    call = await phone.next_call()
    await call.ring()
    row = desk.row("Live calls", str(phone.settings.user))

    await expect(row).to_contain_text("ringing")
    await expect(row).to_contain_text(EVIL)
    await call.answer()
    await expect(row).to_contain_text("in progress")
    await expect(row).to_contain_text("Wait")
    await expect(desk.row("Endpoints with a phone", "reception")).to_be_visible()
    await expect(desk.row("Trunks", "carrier")).to_be_visible()
    await expect(desk.row("Media nodes", "of 9")).to_be_visible()
    await row.get_by_role("link").click()
    await desk.page.wait_for_url(f"**/console/call/{ringing}")
    await desk.page.get_by_role("button", name="Hang up").click()
    await desk.page.get_by_role("dialog").get_by_role("button", name="Hang up").click()
    await call.until_ended()
    await expect(desk.page.get_by_text("Somebody hung up.")).to_be_visible()
    await desk.open("/")
    await expect(desk.page.get_by_text("No call is live.")).to_be_visible()
    assert "evil" not in await desk.page.title()


async def test_queued_calls_show_their_place_and_when_they_start(
    opened: Opener, world: World
) -> None:
    desk = await opened("/")
    numbers = [f"1555020{place:04}" for place in range(40)]

    placing = asyncio.create_task(world.place("<".join(numbers)))
    await expect(desk.row("Queued calls", "in ").first).to_be_visible()
    places = await desk.table("Queued calls").locator("tbody tr td:first-child").all()
    await placing
    await all_hung_up(world)

    assert places
    await expect(desk.page.get_by_text("No call waits.")).to_be_visible()


async def test_a_page_answers_why_an_ivr_hung_up(opened: Opener, world: World) -> None:
    url = world.customer.url
    world.customer.serves("/tone.wav", tone(620, 30))
    world.customer.serves("/menu", Reply("<h1>Oops</h1>", status=500))
    await world.application(
        answer_url=world.customer.document(
            "/answer",
            f'<GetDigits action="{url}/menu" numDigits="1"><Play>{url}/tone.wav</Play>'
            "</GetDigits>",
        )
    )
    call = await world.dialled(await world.carrier())
    started = await world.customer.event("StartApp")
    uuid = started.fields["CallUUID"]
    desk = await opened(f"/call/{uuid}")
    await call.until_answered()
    await expect(desk.page.get_by_text("It is in progress.")).to_be_visible()
    await expect(desk.moment("<GetDigits>")).to_be_visible()
    invite = desk.moment("Caller to Edge INVITE")
    await expect(invite).to_be_visible()
    await expect(desk.moment("Edge to Worker INVITE")).to_be_visible()
    await invite.locator("summary").click()
    await expect(invite.get_by_label("Message")).to_contain_text("Call-ID:")

    with suppress(OrderFailed):  # the call may be over before the key is up
        await call.press("2")
    await call.until_ended()

    verdict = desk.page.get_by_role("region", name="An action URL gave no usable")
    await expect(verdict).to_contain_text("7012")
    await expect(desk.moment("key •")).to_be_visible()
    await expect(desk.moment("POST answer · 200")).to_be_visible()
    await expect(desk.moment("Edge to Caller BYE")).to_be_visible()
    await expect(invite.get_by_label("Message")).to_be_visible()  # it stayed open
    await verdict.get_by_role("link", name="Show the moment").click()
    decided = desk.page.locator("#ladder li[data-decided]")
    await expect(decided).to_contain_text("POST action · 500")
    await expect(decided.get_by_text("answered 500", exact=True)).to_be_visible()
    await expect(decided.get_by_label("What the signature")).to_contain_text("/menu")
    await desk.page.get_by_label("Requests").uncheck()
    await expect(desk.moment("POST answer")).to_be_hidden()


async def test_a_recording_has_its_picture_and_is_played(
    opened: Opener, world: World
) -> None:
    url = world.customer.url
    world.customer.document("/left", "<Hangup/>")
    await world.application(
        answer_url=world.customer.document(
            "/answer",
            f'<Record action="{url}/left" callbackUrl="{url}/ready" maxLength="3" '
            'playBeep="true"/>',
        )
    )
    call = await world.dialled(await world.carrier())
    started = await world.customer.event("StartApp")
    await call.until_ended()
    await ready(world)

    desk = await opened(f"/call/{started.fields['CallUUID']}")
    player = desk.page.get_by_role("region", name="Recordings")
    await expect(player.locator(".waveform .band")).not_to_have_count(0)
    await player.get_by_role("button", name="Play").click()

    await expect(player.get_by_label("Place in the recording")).not_to_have_value("0")


async def test_a_call_is_nobody_elses_to_look_at(opened: Opener, world: World) -> None:
    uuid = await world.place("15550299", "<Hangup/>")
    sub = await world.sdk(lambda: world.client.subaccounts.create("other", True))
    desk = await opened()
    await desk.log_in(str(sub.auth_id), str(sub.auth_token))

    await desk.open(f"/call/{uuid}")

    await desk.is_told("There is no such call in this account")
    await expect(desk.page.locator("#story")).to_be_hidden()
    desk.complaints.clear()  # the browser tells of every 404


async def test_filters_are_part_of_the_address(opened: Opener, world: World) -> None:
    uuid = await world.place("15550399", "<Hangup/>")
    await world.cdr(uuid)
    desk = await opened("/calls")

    await desk.page.get_by_text("Filters").click()
    await desk.page.get_by_label("To begins with").fill("15550399")
    await desk.page.get_by_label("Direction").select_option("outbound")
    await desk.page.get_by_role("button", name="Filter").click()
    await desk.page.wait_for_url("**/calls?direction=outbound&to_number=15550399")
    await desk.is_live()
    await expect(desk.table("Calls").locator("tbody tr")).to_have_count(1)
    await desk.open("/calls?to_number=15550399&direction=inbound")
    await expect(desk.page.get_by_text("No such call.")).to_be_visible()
    await desk.page.get_by_label("Find a call by its uuid").fill(f" {uuid.upper()} ")
    await desk.page.get_by_role("button", name="Find").click()
    await desk.page.wait_for_url(f"**/console/call/{uuid}")
    await expect(desk.page.get_by_role("heading", level=1)).to_contain_text("15550399")


@pytest.mark.parametrize("path", ["/", "/calls", "/login", "/call"])
async def test_pages_have_no_barriers(opened: Opener, world: World, path: str) -> None:
    uuid = await world.place("15550499", "<Hangup/>")
    await world.cdr(uuid)
    desk = await opened("" if path == "/login" else "/")

    await desk.open(f"/call/{uuid}" if path == "/call" else path)
    await expect(desk.page.get_by_role("heading", level=1)).to_be_visible()
    if path == "/call":
        await expect(desk.page.locator("#ladder li")).not_to_have_count(0)
        await desk.page.locator("#ladder summary").first.click()
    if path == "/calls":
        await desk.page.get_by_text("Filters").click()
        await expect(desk.table("Calls")).to_be_visible()

    assert await find_barriers(desk.page) == []


@pytest.mark.parametrize("path", ["/", "/calls", "/login"])
async def test_pages_fit_a_small_screen(opened: Opener, path: str) -> None:
    small = {"width": 360, "height": 700}
    desk = await opened("" if path == "/login" else "/", viewport=small)

    await desk.open(path)
    await expect(desk.page.get_by_role("heading", level=1)).to_be_visible()

    wide = await desk.page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not wide
