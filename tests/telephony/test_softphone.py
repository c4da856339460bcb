"""The scripted phone: what it can be told, and what it tells."""

import asyncio
from pathlib import Path
from typing import Literal

import pytest

from tests.telephony.registrar import Registrar
from voiceplat.calls.leg import CallEnded, Party, Sound
from voiceplat.telephony.listen import seconds, tones
from voiceplat.telephony.phone_settings import (
    PhoneSettings,
    Registration,
    RegistrationRefused,
)
from voiceplat.telephony.pj_phone import PjPhone
from voiceplat.telephony.softphone import OrderFailed, Softphone

pytestmark = pytest.mark.sip


def ann(registrar: Registrar, transport: Literal["udp", "tcp"]) -> PhoneSettings:
    """A phone whose password is `secret`."""
    return PhoneSettings(
        rtp_port_min=0,
        proxy=registrar.address,
        transport=transport,
        registration=Registration(
            user="ann", password="secret", domain="phones.test", expires_s=120
        ),
    )


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_it_registers_with_its_password_and_unregisters_when_it_goes(
    transport: Literal["udp", "tcp"], tmp_path: Path
) -> None:
    async with Registrar.open("ann", "secret", transport) as registrar:
        phone = Softphone.start(ann(registrar, transport), folder=tmp_path)
        async with phone:
            assert registrar.accepted == [120]

        assert registrar.accepted == [120, 0]


async def test_a_wrong_password_is_told(tmp_path: Path) -> None:
    async with Registrar.open("ann", "other", "udp") as registrar:
        phone = Softphone.start(ann(registrar, "udp"), folder=tmp_path)

        with pytest.raises(RegistrationRefused) as caught:
            async with phone:
                pass

        assert caught.value.sip_status == 401


async def test_it_tells_what_the_invite_said(
    far_phone: Softphone, tmp_path: Path
) -> None:
    caller = tmp_path / "caller"
    caller.mkdir()
    async with Softphone.start(PhoneSettings(rtp_port_min=0), folder=caller) as other:
        await other.call(
            f"sip:15550100@{far_phone.address}",
            from_user="15550199",
            from_name="Ann",
            headers={"X-PH-Colour": "blue"},
        )

        call = await far_phone.next_call()

    assert call.invite is not None
    assert call.invite.request_user == "15550100"
    assert call.invite.from_uri == "sip:15550199@127.0.0.1"
    assert call.invite.from_name == "Ann"
    assert call.invite.custom == {"Colour": "blue"}


async def test_its_events_are_in_order_and_timed(
    phone: PjPhone, far_phone: Softphone
) -> None:
    call = await far_phone.call(f"sip:1@{phone.address}")
    _, leg = await phone.next_call()
    await leg.ring()
    await call.until_ringing()
    await leg.answer()
    await call.until_answered()
    await leg.send_digits("4")
    await asyncio.sleep(0.1)

    await leg.hang_up()
    await call.until_ended()

    names = [event.name for event in call.events]
    assert names[0] == "ringing"
    assert set(names[1:3]) == {"media", "answered"}
    assert names[3:] == ["dtmf", "ended"]
    times = [event.at_ms for event in call.events]
    assert times == sorted(times)
    assert times[-1] - times[0] >= 100


async def test_what_it_heard_lasts_as_long_as_its_media(
    phone: PjPhone, far_phone: Softphone, tone: Path
) -> None:
    call = await far_phone.call(f"sip:1@{phone.address}")
    _, leg = await phone.next_call()
    loop = asyncio.get_running_loop()
    await leg.answer()
    began = loop.time()
    await leg.play(tone)

    await call.hang_up()
    ended = await call.until_ended()

    lasted = loop.time() - began
    assert ended.by is Party.US
    assert seconds(call.heard) == pytest.approx(lasted, abs=0.2)
    assert [round(heard.hz / 10) for heard in tones(call.heard)] == [44]


async def test_what_it_says_can_be_cut_short(
    phone: PjPhone, far_phone: Softphone, tone: Path, tmp_path: Path
) -> None:
    call = await far_phone.call(f"sip:1@{phone.address}")
    _, leg = await phone.next_call()
    await leg.answer()
    await call.until_answered()
    recording = asyncio.create_task(leg.record({tmp_path / "ours.wav": Sound.SAID}))

    loop = asyncio.get_running_loop()
    saying = asyncio.create_task(call.say(tone))
    began = loop.time()
    await asyncio.sleep(0.4)
    saying.cancel()
    said = loop.time() - began
    await asyncio.wait([saying])
    await asyncio.sleep(0.3)
    await leg.hang_up()
    await asyncio.wait([recording])

    (heard,) = tones(tmp_path / "ours.wav")
    assert heard.seconds == pytest.approx(said, abs=0.15)


async def test_what_it_cannot_do_is_an_order_that_failed(
    phone: PjPhone, far_phone: Softphone, tone: Path
) -> None:
    call = await far_phone.call(f"sip:1@{phone.address}")
    await phone.next_call()

    with pytest.raises(OrderFailed, match="media"):
        await call.say(tone)


async def test_waiting_for_what_will_not_come_ends_with_the_call(
    phone: PjPhone, far_phone: Softphone
) -> None:
    call = await far_phone.call(f"sip:1@{phone.address}")
    _, leg = await phone.next_call()
    waiting = asyncio.create_task(call.until_digits(2))

    await leg.hang_up(404)

    with pytest.raises(CallEnded) as caught:
        await waiting
    assert caught.value.ended.sip_status == 404
