"""baresip, as Debian packages it, at the edge: by UDP, TCP, and TLS with SRTP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Literal

import pytest

from tests.calls_e2e.conftest import PASSWORD, World, tone
from tests.calls_e2e.hearing import until_tone
from tests.calls_e2e.test_dial import dialled, forwarded, sound
from tests.servers.baresip import OWN_HZ, Account, Baresip, baresip
from voiceplat.telephony.listen import tones

pytestmark = [pytest.mark.edge, pytest.mark.sip]

Transport = Literal["udp", "tcp", "tls"]

FAR_HZ = 500.0
SAME_HZ = 15
LONG_ENOUGH_S = 1.0

each_transport = pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])


@asynccontextmanager
async def desk_phone(
    world: World, transport: Transport, app_id: str = ""
) -> AsyncIterator[tuple[str, Baresip]]:
    """A registered phone and its user name."""
    made = await world.sdk(
        lambda: world.client.endpoints.create("desk", PASSWORD, "desk", app_id or None)
    )
    account = Account(
        user=made.username,
        password=PASSWORD,
        domain="voiceplat.local",
        proxy=world.platform.tls if transport == "tls" else world.platform.sip,
        transport=transport,
    )
    async with baresip(Path(mkdtemp(dir=world.folder)), account) as phone:
        await phone.until_registered()
        yield made.username, phone


def assert_heard(phone: Baresip, hz: float) -> None:
    heard = [tone for wav in phone.heard() for tone in tones(wav)]
    assert any(
        abs(tone.hz - hz) < SAME_HZ and tone.seconds > LONG_ENOUGH_S for tone in heard
    ), heard


@each_transport
async def test_a_phone_and_a_caller_hear_each_other(
    world: World, transport: Transport
) -> None:
    async with desk_phone(world, transport) as (user, phone):
        await forwarded(world, f"><User>sip:{user}@phone.plivo.com</User>")
        caller = await dialled(world, await world.carrier_in_service())
        await phone.until("CALL_ESTABLISHED")
        await caller.until_answered()

        saying = asyncio.create_task(caller.say(sound(world.folder, FAR_HZ)))
        await until_tone(caller, OWN_HZ)
        await asyncio.sleep(LONG_ENOUGH_S * 2)
        await phone.hang_up()

        await caller.until_ended()
        await phone.until("CALL_CLOSED")
        await asyncio.gather(saying, return_exceptions=True)
    assert_heard(phone, FAR_HZ)


@each_transport
async def test_a_phone_calls_an_application_and_hears_it(
    world: World, transport: Transport
) -> None:
    url = world.customer.url
    world.customer.serves("/tone.wav", tone(FAR_HZ, 2))
    app_id = await world.application(
        answer_url=world.customer.document("/answer", f"<Play>{url}/tone.wav</Play>")
    )
    async with desk_phone(world, transport) as (_, phone):
        await phone.call(f"sip:{app_id}@voiceplat.local")
        await phone.until("CALL_ESTABLISHED")

        await phone.until("CALL_CLOSED")
    assert_heard(phone, FAR_HZ)
