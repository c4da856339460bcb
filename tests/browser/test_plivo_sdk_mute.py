"""Plivo's own browser SDK mutes, by ear; in a Chromium of its own.

Pages that come after it in the same Chromium get no microphone any more.
"""

from collections.abc import Iterator

import pytest

from tests.browser.chromium import OWN_HZ, chromium
from tests.browser.conftest import Pages
from tests.browser.listening import until_heard_again, until_silent
from tests.browser.test_plivo_sdk import endpoint, pytestmark, sdk_page
from tests.calls_e2e.conftest import PASSWORD, World
from tests.calls_e2e.hearing import until_tone
from tests.calls_e2e.test_dial import dialled, forwarded

__all__ = ["pytestmark"]


@pytest.fixture
def chromium_address() -> Iterator[str]:
    with chromium() as address:
        yield address


async def test_who_mutes_is_not_heard_until_he_unmutes(
    pages: Pages, world: World
) -> None:
    user = await endpoint(world)
    sdk = await sdk_page(pages)
    await sdk.log_in(user, PASSWORD)
    await sdk.told("onLogin")
    await forwarded(world, f"><User>sip:{user}@phone.plivo.com</User>")
    caller = await dialled(world, await world.carrier_in_service())
    _, _, info, *_ = await sdk.told("onIncomingCall")
    await sdk.page.evaluate("it => client.answer(it)", info["callUUID"])
    await until_tone(caller, OWN_HZ)

    await sdk.does("mute")
    await until_silent(caller)
    await sdk.does("unmute")

    await until_heard_again(caller)
    await caller.hang_up()
    await sdk.told("onCallTerminated")
