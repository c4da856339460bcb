"""Plivo's own browser SDK, unmodified, against this server."""

import asyncio
from urllib.parse import urlsplit

import pytest

from tests.browser.chromium import OWN_HZ
from tests.browser.conftest import Pages
from tests.browser.sdk_page import SdkPage, open_sdk_page
from tests.browser.web_phone import hears
from tests.calls_e2e.conftest import PASSWORD, World, tone
from tests.calls_e2e.hearing import until_tone
from tests.calls_e2e.test_dial import dialled, forwarded, sound
from tests.servers.access_tokens import access_token

pytestmark = [
    pytest.mark.browser,
    pytest.mark.compat,
    pytest.mark.edge,
    pytest.mark.sip,
    pytest.mark.timeout(240),  # the first one waits for the platform and Chromium
]

FAR_HZ = 620.0


async def sdk_page(pages: Pages) -> SdkPage:
    """A page that lets the SDK speak to our server and to nobody else."""
    socket = pages.world.platform.wss
    policy = (
        f"default-src 'self' 'unsafe-inline' data: blob:; connect-src 'self' {socket}"
    )
    return await open_sdk_page(await pages.page("about:blank"), socket, policy)


async def endpoint(world: World, app_id: str = "") -> str:
    made = await world.sdk(
        lambda: world.client.endpoints.create("sdk", PASSWORD, "sdk", app_id or None)
    )
    return str(made.username)


def token(world: World, subject: str) -> str:
    account = world.platform
    return access_token(account.auth_id, account.auth_token, subject)


async def ivr(world: World) -> str:
    """An application that plays a tone until a key is pressed."""
    url = world.customer.url
    world.customer.serves("/tone.wav", tone(FAR_HZ, 30))
    return await world.application(
        answer_url=world.customer.document(
            "/answer",
            f'<GetInput action="{url}/pressed" inputType="dtmf" numDigits="2" '
            f'executionTimeout="60"><Play>{url}/tone.wav</Play></GetInput>',
        )
    )


async def test_a_call_out_with_headers_sound_and_keys(
    pages: Pages, world: World
) -> None:
    app_id = await ivr(world)
    sdk = await sdk_page(pages)

    await sdk.log_in(await endpoint(world), PASSWORD)
    await sdk.told("onLogin")
    await sdk.call(f"sip:{app_id}@app.plivo.com", {"X-PH-Colour": "blue"})
    await sdk.told("onCallAnswered")
    await hears(sdk.page, FAR_HZ)
    for key in "4#":
        await sdk.page.evaluate("it => client.sendDtmf(it)", key)
        await asyncio.sleep(0.3)

    (pressed,) = await world.customer.asked_for("/pressed")
    answer, *_ = world.customer.requests("/answer")
    assert pressed.fields["Digits"] == "4"
    assert answer.fields["X-PH-Colour"] == "blue"
    await sdk.told("onCallTerminated")


async def test_the_password_goes_to_nobody_else(pages: Pages, world: World) -> None:
    sdk = await sdk_page(pages)
    asked = []
    sdk.page.on("response", lambda it: asked.append(urlsplit(it.url).hostname))

    await sdk.log_in(await endpoint(world), PASSWORD)
    await sdk.told("onLogin")

    await sdk.told(
        "securitypolicyviolation", "https://stats.plivo.com/v1/browser/validate/"
    )
    assert set(asked) <= {"localhost"}


async def test_a_call_in_is_answered_heard_and_hung_up(
    pages: Pages, world: World
) -> None:
    user = await endpoint(world)
    sdk = await sdk_page(pages)
    await sdk.log_in(user, PASSWORD)
    await sdk.told("onLogin")
    await forwarded(world, f'sipHeaders="a=1"><User>sip:{user}@phone.plivo.com</User>')
    caller = await dialled(world, await world.carrier_in_service())

    _, headers, info, *_ = await sdk.told("onIncomingCall")
    await sdk.page.evaluate("it => client.answer(it)", info["callUUID"])
    await caller.until_answered()
    await until_tone(caller, OWN_HZ)
    saying = asyncio.create_task(caller.say(sound(world.folder, FAR_HZ)))
    await hears(sdk.page, FAR_HZ)
    await sdk.does("hangup")

    await caller.until_ended()
    assert headers == {"X-Ph-A": "1"}
    await asyncio.gather(saying, return_exceptions=True)


async def test_a_token_logs_in_calls_and_is_called(pages: Pages, world: World) -> None:
    user = await endpoint(world, await ivr(world))
    sdk = await sdk_page(pages)

    await sdk.log_in_by_token(token(world, user))
    await sdk.told("onLogin")
    await sdk.call("15550100", {})
    await sdk.told("onCallAnswered")
    await hears(sdk.page, FAR_HZ)
    await sdk.does("hangup")
    await sdk.told("onCallTerminated")
    await forwarded(world, f"><User>sip:{user}@phone.plivo.com</User>")
    await dialled(world, await world.carrier_in_service())

    await sdk.told("onIncomingCall")


async def test_a_token_with_another_signature_is_refused_in_the_sdks_words(
    pages: Pages, world: World
) -> None:
    sdk = await sdk_page(pages)

    await sdk.log_in_by_token(
        access_token(world.platform.auth_id, "another key" * 3, "somebody")
    )

    assert await sdk.told("onLoginFailed") == ["INVALID_ACCESS_TOKEN_SIGNATURE"]
