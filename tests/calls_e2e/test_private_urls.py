"""URLs of a customer that lead inside: nobody there is asked."""

from collections.abc import AsyncIterator, Iterator
from typing import Final

import pytest

from tests.calls_e2e.conftest import TONE, TONE_HZ, Site, World, set_up
from tests.servers.customer import CustomerServer, Reply, customer_server
from voiceplat.telephony.listen import tones

pytestmark = [pytest.mark.edge, pytest.mark.sip]

OUTSIDE: Final = "127.0.0.20"
"""The one private address that the operator allows."""


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A platform as its operator has it by default: private addresses are barred."""
    barred = {
        "SECURITY__ALLOW_PRIVATE_URLS": "false",
        "SECURITY__ALLOWED_PRIVATE_NETWORKS": f'["{OUTSIDE}"]',
    }
    with set_up(barred) as made:
        yield made


@pytest.fixture
async def outside() -> AsyncIterator[CustomerServer]:
    """What a customer runs on the internet; `world.customer` is a server inside."""
    async with customer_server(OUTSIDE) as server:
        yield server


async def test_no_url_of_an_order_is_asked_inside(world: World) -> None:
    """Not by the worker (answer, fallback) and not by the ledger (ring, hangup)."""
    carrier = await world.carrier_in_service()
    uuid = await world.place(
        "15550111",
        "<Speak>Hello</Speak>",
        fallback_url=world.customer.document("/fallback", "<Speak>Hello</Speak>"),
    )
    call = await carrier.next_call()
    await call.answer()
    await call.until_ended()

    assert (await world.cdr(uuid)).hangup_cause_code == 7011
    assert world.customer.asked == []


async def test_no_url_of_a_document_is_asked_inside(
    world: World, outside: CustomerServer
) -> None:
    """Directly or by a redirect; the call goes on where its element says so."""
    inside = world.customer.url
    tone = outside.serves("/tone.wav", TONE)
    moved = outside.serves("/moved", Reply("", 302, location=f"{inside}/moved"))
    answer = outside.document(
        "/answer",
        f"<Play>{inside}/sound.wav</Play><Play>{moved}</Play>"
        f'<Record maxLength="1" playBeep="false" action="{inside}/done"'
        f' redirect="false" callbackUrl="{inside}/ready"'
        f' transcriptionType="auto" transcriptionUrl="{moved}"/>'
        f'<Dial callbackUrl="{inside}/dial" action="{inside}/dialled"'
        f' redirect="false" timeout="2"><Number>15550122</Number></Dial>'
        f'<Conference callbackUrl="{inside}/room" waitSound="{inside}/wait"'
        f' action="{moved}" redirect="false" timeLimit="2">hall</Conference>'
        f"<Play>{tone}</Play><Redirect>{moved}</Redirect>",
    )
    hangup = f"{outside.url}/hangup"
    await world.application(answer_url=answer, hangup_url=hangup)
    carrier = await world.carrier_in_service()

    call = await world.dialled(carrier)
    await call.until_ended()

    (told,) = await outside.asked_for("/hangup")
    assert told.fields["HangupCauseCode"] == "7014"
    assert [tone for tone in tones(call.heard) if abs(tone.hz - TONE_HZ) < 15]
    assert len(outside.requests("/moved")) >= 3
    assert world.customer.asked == []
