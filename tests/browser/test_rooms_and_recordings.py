"""The web phone among others: in a conference room, and in recordings of calls."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.browser.chromium import OWN_HZ
from tests.browser.conftest import Pages
from tests.browser.listening import until_heard_again, until_silent
from tests.browser.web_phone import WebPhone
from tests.calls_e2e.conftest import World, tone
from tests.calls_e2e.hearing import until_tone
from tests.calls_e2e.recorded import fetched, ready
from tests.calls_e2e.room import events, sound, until_members
from tests.calls_e2e.test_desk_phones import LONG_ENOUGH_S, assert_heard, desk_phone
from tests.servers.baresip import OWN_HZ as DESK_HZ
from voiceplat.telephony.softphone import SoftphoneCall

pytestmark = [
    pytest.mark.browser,
    pytest.mark.edge,
    pytest.mark.sip,
    pytest.mark.timeout(240),  # the first one waits for the platform and Chromium
]

FAR_HZ = 620.0
FAR_NUMBER = "33123456789"


async def room(world: World) -> str:
    """An application that takes its callers into a room; its id."""
    document = f"<Conference {events(world)}>team</Conference>"
    return await world.application(
        answer_url=world.customer.document("/room", document)
    )


async def enter(pages: Pages, world: World, app_id: str) -> WebPhone:
    """A web phone that is the first one in the room."""
    phone = await pages.phone()
    await phone.call(app_id)
    await phone.is_connected()
    await until_members(world, 1)
    return phone


@asynccontextmanager
async def saying(call: SoftphoneCall, world: World, hz: float) -> AsyncIterator[None]:
    task = asyncio.create_task(call.say(sound(world.folder, hz)))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.statement(188)
async def test_a_browser_and_a_desk_phone_hear_each_other_in_a_room(
    pages: Pages, world: World
) -> None:
    app_id = await room(world)
    phone = await enter(pages, world, app_id)

    async with desk_phone(world, "tls") as (_, desk):
        await desk.call(f"sip:{app_id}@voiceplat.local")
        await desk.until("CALL_ESTABLISHED")
        await until_members(world, 2)
        await phone.hears(DESK_HZ)
        await asyncio.sleep(LONG_ENOUGH_S * 2)
        await desk.hang_up()
        await desk.until("CALL_CLOSED")

    assert_heard(desk, OWN_HZ)
    await phone.press_button("Hang up")
    await phone.is_free()


@pytest.mark.statement(188)
async def test_who_mutes_himself_is_not_heard_in_the_room_but_hears_it(
    pages: Pages, world: World
) -> None:
    app_id = await room(world)
    phone = await enter(pages, world, app_id)
    desk = await world.phone()
    member = await desk.call(f"sip:{app_id}@phone.plivo.com")
    await until_members(world, 2)
    await until_tone(member, OWN_HZ)

    await phone.press_button("Mute")
    await until_silent(member)
    async with saying(member, world, FAR_HZ):
        await phone.hears(FAR_HZ)
    await phone.press_button("Mute")

    await until_heard_again(member)
    await member.hang_up()
    await phone.press_button("Hang up")


@pytest.mark.statement(240, 248)
async def test_a_recorded_call_has_the_browser_on_a_channel_of_its_own(
    pages: Pages, world: World
) -> None:
    recorded = (
        '<Record recordSession="true" redirect="false" fileFormat="wav"'
        f' callbackUrl="{world.customer.url}/ready"/>'
        f"<Dial><Number>{FAR_NUMBER}</Number></Dial>"
    )
    app_id = await world.application(
        answer_url=world.customer.document("/answer", recorded)
    )
    carrier = await world.carrier_in_service()
    phone = await pages.phone(app_id=app_id)

    await phone.call(FAR_NUMBER)
    callee = await carrier.next_call()
    await callee.answer()
    async with saying(callee, world, FAR_HZ):
        await asyncio.gather(phone.hears(FAR_HZ), until_tone(callee, OWN_HZ))
        await asyncio.sleep(LONG_ENOUGH_S * 2)
    await phone.press_button("Hang up")
    await callee.until_ended()

    file = await fetched((await ready(world))["RecordUrl"])
    assert file.only(0, OWN_HZ)
    assert file.only(1, FAR_HZ)
    assert min(file.hears(0, OWN_HZ), file.hears(1, FAR_HZ)) > LONG_ENOUGH_S


async def test_the_api_records_a_browser_that_it_called(
    pages: Pages, world: World
) -> None:
    prompt = world.customer.serves("/tone.wav", tone(FAR_HZ, 30))
    phone = await pages.phone()
    uuid = await world.place(
        f"sip:{phone.user}@phone.plivo.com", f"<Play>{prompt}</Play>"
    )
    await phone.answer()
    await phone.hears(FAR_HZ)

    await world.sdk(
        lambda: world.client.calls.record(
            uuid,
            file_format="wav",
            record_channel_type="stereo",
            callback_url=f"{world.customer.url}/ready",
        )
    )
    await asyncio.sleep(LONG_ENOUGH_S * 3)
    await phone.press_button("Hang up")

    file = await fetched((await ready(world))["record_url"])
    assert file.only(0, OWN_HZ)
    assert file.only(1, FAR_HZ)
    assert min(file.hears(0, OWN_HZ), file.hears(1, FAR_HZ)) > LONG_ENOUGH_S
