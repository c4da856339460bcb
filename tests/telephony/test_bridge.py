"""Bridged legs of one worker when the media of one of them changes."""

import asyncio
import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contracts.bridge_contract import over
from tests.telephony.bare_sip import BareSip, tag_of
from voiceplat.calls.leg import CallEnded
from voiceplat.core.errors import MediaError
from voiceplat.telephony.listen import tones, write_tone
from voiceplat.telephony.pj_phone import PjPhone
from voiceplat.telephony.softphone import Softphone

pytestmark = pytest.mark.sip

PCMU, PCMA = 0, 8
LOUD = {PCMU: (0x10, 0x90), PCMA: (0x2A, 0xAA)}
"""Two samples of opposite signs in each codec."""
HALF_PERIOD = 8
"""Samples: a square wave of 500 Hz."""


@pytest.fixture
async def bare() -> AsyncIterator[BareSip]:
    async with BareSip.open() as bare:
        bare.rtp.setblocking(False)
        yield bare


def offer(bare: BareSip, codec: int, direction: str = "sendrecv") -> str:
    return bare.sdp(direction).replace("RTP/AVP 0", f"RTP/AVP {codec}")


async def changed(
    bare: BareSip, phone: PjPhone, tag: str, number: int, sdp: str
) -> int:
    """Sends a re-INVITE; returns the port that takes our audio then."""
    bare.request("INVITE", phone.address, to_tag=tag, number=number, body=sdp)
    await bare.next("SIP/2.0 200")
    answer = bare.text
    bare.request("ACK", phone.address, to_tag=tag, number=number)
    return int(answer.split("m=audio ")[1].split(maxsplit=1)[0])


async def say(bare: BareSip, port: int, codec: int, packets: int = 50) -> None:
    low, high = LOUD[codec]
    wave = (bytes([low]) * HALF_PERIOD + bytes([high]) * HALF_PERIOD) * 10
    for n in range(packets):
        header = struct.pack("!BBHII", 0x80, codec, 1000 + n, 160 * n, 4711)
        bare.rtp.sendto(header + wave, (bare.host, port))
        await asyncio.sleep(0.02)


def hears(bare: BareSip) -> set[int]:
    """Payload types of the packets with sound in them that have come."""
    kinds: set[int] = set()
    while True:
        try:
            packet = bare.rtp.recv(2048)
        except BlockingIOError:
            return kinds
        if len(set(packet[12:])) > 4:
            kinds.add(packet[1] & 0x7F)


@pytest.mark.parametrize("bare_bridges", [True, False])
async def test_a_bridge_survives_hold_and_another_codec(
    phone: PjPhone,
    far_phone: Softphone,
    bare: BareSip,
    tmp_path: Path,
    *,
    bare_bridges: bool,
) -> None:
    call = await far_phone.call(f"sip:15550199@{phone.address}")
    _, leg = await phone.next_call()
    await leg.answer()
    bare.request("INVITE", phone.address, body=offer(bare, PCMU))
    _, bare_leg = await phone.next_call()
    await bare_leg.answer()
    tag = tag_of(await bare.next("SIP/2.0 200"))
    bare.request("ACK", phone.address, to_tag=tag)
    one, other = (bare_leg, leg) if bare_bridges else (leg, bare_leg)
    bridging = asyncio.create_task(one.bridge(other))

    await call.until_answered()
    saying = asyncio.create_task(call.say(write_tone(tmp_path / "440.wav", 440, 30)))
    await changed(bare, phone, tag, 2, offer(bare, PCMU, "inactive"))
    await asyncio.sleep(0.3)
    hears(bare)
    await asyncio.sleep(0.3)
    on_hold = hears(bare)
    port = await changed(bare, phone, tag, 3, offer(bare, PCMA))
    await say(bare, port, PCMA)
    afterwards = hears(bare)

    await over(saying)
    await over(bridging)
    await leg.hang_up()
    await call.until_ended()
    assert on_hold == set()
    assert afterwards == {PCMA}
    heard = await asyncio.to_thread(tones, call.heard)
    assert {round(tone.hz / 10) * 10 for tone in heard} == {500}
    assert sum(tone.seconds for tone in heard) > 0.6


async def test_a_leg_whose_audio_is_not_here_cannot_be_bridged(
    phone: PjPhone, far_phone: Softphone
) -> None:
    await far_phone.call(f"sip:15550199@{phone.address}")
    _, leg = await phone.next_call()

    with pytest.raises(MediaError):
        await leg.bridge(object())  # type: ignore[arg-type]


async def test_a_leg_that_ends_while_it_is_bridged_lets_the_other_play_on(
    phone: PjPhone, far_phone: Softphone, tone: Path
) -> None:
    calls = [await far_phone.call(f"sip:1@{phone.address}") for _ in range(2)]
    legs = [(await phone.next_call())[1] for _ in calls]
    await asyncio.gather(*(leg.answer() for leg in legs))
    bridging = asyncio.create_task(legs[0].bridge(legs[1]))
    await asyncio.sleep(0.2)

    await calls[0].hang_up()
    with pytest.raises(CallEnded):
        await bridging
    await legs[1].play(tone)
    await legs[1].hang_up()

    await calls[1].until_ended()
    heard = await asyncio.to_thread(tones, calls[1].heard)
    assert sum(each.seconds for each in heard) == pytest.approx(1.0, abs=0.15)
