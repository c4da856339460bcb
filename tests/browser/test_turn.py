"""The web phone in a network that lets no UDP out: its audio goes through coturn."""

import asyncio
import json
from collections.abc import Iterator

import pytest

from tests.browser.chromium import OWN_HZ
from tests.browser.conftest import Pages
from tests.browser.sdk_page import open_sdk_page
from tests.browser.web_phone import WebPhone
from tests.calls_e2e.conftest import PASSWORD, Site, World, set_up
from tests.calls_e2e.hearing import until_tone
from tests.calls_e2e.test_dial import dialled, forwarded, sound
from tests.servers.free_ports import free_port
from voiceplat.core.clock import utc_now
from voiceplat.core.settings import Settings
from voiceplat.core.turn_settings import TurnSettings
from voiceplat.services.turn_access import turn_access
from voiceplat.telephony.softphone import SoftphoneCall

pytestmark = [
    pytest.mark.browser,
    pytest.mark.edge,
    pytest.mark.sip,
    pytest.mark.timeout(240),  # the first one waits for the platform and Chromium
]

FAR_HZ = 620.0
PRIVATE_HOST = "127.7.7.7"
SECRET = "between us"
FAR_NUMBER = "33123456789"
RELAYED_BY = """
(way) => {
  const Direct = window.RTCPeerConnection;
  const wanted = { udp: /^turn:.*udp$/, tcp: /^turn:.*tcp$/, tls: /^turns:/ }[way];
  window.RTCPeerConnection = class extends Direct {
    constructor(configuration, ...more) {
      const iceServers = (configuration?.iceServers ?? []).map((server) => ({
        ...server, urls: server.urls.filter((url) => wanted.test(url)),
      }));
      super({ ...configuration, iceServers, iceTransportPolicy: "relay" }, ...more);
    }
  };
}
"""
NAMES_OURS = """
(ours) => {
  const Direct = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Direct {
    constructor(given, ...more) {
      super({ ...given, iceServers: [ours], iceTransportPolicy: "relay" }, ...more);
    }
  };
}
"""
SELECTED = """
async () => {
  const report = await window.connection.getStats();
  const transport = [...report.values()].find(({ type }) => type === "transport");
  const pair = report.get(transport.selectedCandidatePairId);
  const local = report.get(pair.localCandidateId);
  return [local.candidateType, local.relayProtocol];
}
"""


@pytest.fixture(scope="module")
def turn_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def site(turn_port: int) -> Iterator[Site]:
    """A platform with a TURN server, whose workers have an address of their own."""
    relay_port_min = 15000 + turn_port % 60 * 50
    settings = {
        "TURN__PORT": str(turn_port),
        "TURN__TLS_PORT": str(free_port()),
        "TURN__SECRET": SECRET,
        "TURN__RELAY_PORT_MIN": str(relay_port_min),
        "TURN__RELAY_PORT_MAX": str(relay_port_min + 49),
        "SIP__PRIVATE_HOST": PRIVATE_HOST,
        "SIP__PRIVATE_SOURCES": json.dumps([f"{PRIVATE_HOST}/32"]),
        "MEDIA__PRIVATE_HOST": PRIVATE_HOST,
        "SIP__FLOOD_REQUESTS": "500",
    }
    with set_up(settings) as made:
        yield made


def ours(user: str, turn_port: int) -> dict[str, str]:
    """What a customer's server tells a page of its own, that has logged in."""
    settings = Settings(turn=TurnSettings.model_validate({"secret": SECRET}))
    access = turn_access(user, settings, utc_now())
    return {
        "urls": f"turn:127.0.0.1:{turn_port}?transport=tcp",
        "username": access.username,
        "credential": access.password,
    }


async def relayed_phone(
    pages: Pages, world: World, way: str, app_id: str = ""
) -> WebPhone:
    """A web phone whose browser has no other way than that one."""
    made = await world.sdk(
        lambda: world.client.endpoints.create(
            "web", PASSWORD, "web phone", app_id or None
        )
    )
    phone = await pages.signed_out()
    await phone.page.add_init_script(f"({RELAYED_BY})({json.dumps(way)})")
    await phone.page.reload()
    await phone.sign_in(str(made.username), PASSWORD)
    return phone


async def each_hears_the_other(
    world: World, phone: WebPhone, far_end: SoftphoneCall
) -> None:
    await until_tone(far_end, OWN_HZ)
    saying = asyncio.create_task(far_end.say(sound(world.folder, FAR_HZ)))
    try:
        await phone.hears(FAR_HZ)
    finally:
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)


@pytest.mark.parametrize("way", ["udp", "tcp", "tls"])
async def test_who_is_called_and_the_caller_hear_each_other_through_the_relay(
    pages: Pages, world: World, way: str
) -> None:
    phone = await relayed_phone(pages, world, way)
    await forwarded(world, f"><User>sip:{phone.user}@phone.plivo.com</User>")
    caller = await dialled(world, await world.carrier_in_service())

    await phone.answer()
    await caller.until_answered()
    await each_hears_the_other(world, phone, caller)

    assert await phone.page.evaluate(SELECTED) == ["relay", way]
    await caller.hang_up()
    await phone.is_free()


async def test_a_call_out_goes_through_the_relay(pages: Pages, world: World) -> None:
    app_id = await world.application(
        answer_url=world.customer.document(
            "/answer", f"<Dial><Number>{FAR_NUMBER}</Number></Dial>"
        )
    )
    carrier = await world.carrier_in_service()
    phone = await relayed_phone(pages, world, "tcp", app_id)

    await phone.call(FAR_NUMBER)
    callee = await carrier.next_call()
    await callee.answer()
    await each_hears_the_other(world, phone, callee)

    assert await phone.page.evaluate(SELECTED) == ["relay", "tcp"]
    await phone.press_button("Hang up")
    await callee.until_ended()


async def test_plivos_sdk_uses_a_relay_that_its_page_names(
    pages: Pages, world: World, turn_port: int
) -> None:
    made = await world.sdk(
        lambda: world.client.endpoints.create("sdk", PASSWORD, "sdk page")
    )
    user, socket = str(made.username), world.platform.wss
    page = await pages.page("about:blank")
    await page.add_init_script(f"({NAMES_OURS})({json.dumps(ours(user, turn_port))})")
    policy = f"default-src * 'unsafe-inline' data: blob:; connect-src {socket}"
    sdk = await open_sdk_page(page, socket, policy)
    await sdk.log_in(user, PASSWORD)
    await sdk.told("onLogin")
    await forwarded(world, f"><User>sip:{user}@phone.plivo.com</User>")
    caller = await dialled(world, await world.carrier_in_service())

    _, _, info, *_ = await sdk.told("onIncomingCall")
    await sdk.page.evaluate("it => client.answer(it)", info["callUUID"])
    await until_tone(caller, OWN_HZ)

    assert await page.evaluate(SELECTED) == ["relay", "tcp"]
    await caller.hang_up()


async def test_who_may_use_the_way_directly_does(pages: Pages, world: World) -> None:
    phone = await pages.phone()
    await forwarded(world, f"><User>sip:{phone.user}@phone.plivo.com</User>")
    caller = await dialled(world, await world.carrier_in_service())

    await phone.answer()
    await caller.until_answered()
    await each_hears_the_other(world, phone, caller)

    kind, _ = await phone.page.evaluate(SELECTED)
    assert kind != "relay"
    await caller.hang_up()
