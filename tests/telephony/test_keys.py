"""Keys on the wire, as phones and networks really send them, through a real leg."""

import asyncio

import numpy as np
import pytest

from tests.signals.sounds import encoded, key, silence
from tests.telephony.bare_sip import BareRtp, BareSip, answered_by_us, reinvite
from voiceplat.calls.leg import Destination
from voiceplat.telephony.pj_leg import PjLeg
from voiceplat.telephony.pj_phone import PjPhone

pytestmark = pytest.mark.sip

LAST = 15
"""D: pressed well after what a test is about."""
ATTEMPTS = 5
IN_TIME_S = 0.05
"""A tone that stalls for longer is broken in two, by any ear."""
MS = 8
"""Ticks of the RTP clock."""


@pytest.fixture
async def leg_and_rtp(bare: BareSip, phone: PjPhone) -> tuple[PjLeg, BareRtp]:
    leg, _, sdp = await answered_by_us(bare, phone)
    return leg, BareRtp(bare.rtp, sdp)


async def keys_of(leg: PjLeg, rtp: BareRtp | None = None) -> str:
    """All keys up to a D, which is pressed here when there is RTP to press it with."""
    if rtp is not None:
        rtp.press(LAST, 9_000_000)
    keys = ""
    async with asyncio.timeout(10):
        while not keys.endswith("D"):
            keys += await leg.next_digit()
    return keys[:-1]


async def keys_said(leg: PjLeg, rtp: BareRtp, keys: str, law: str = "PCMU") -> str:
    """What is made of these tones, said without the gaps of a machine that stalls."""
    pressed = [key(name, 160, pause_ms=160) for name in f"{keys}D"]
    tones = encoded(np.concatenate((silence(600), *pressed, silence(400))), law)
    heard = ""
    for _ in range(ATTEMPTS):
        leg.forget_digits()
        late_s = await rtp.say(tones)
        heard = await keys_of(leg)
        if late_s < IN_TIME_S:
            break
    return heard


async def test_keys_of_40_ms_and_of_10_seconds(
    leg_and_rtp: tuple[PjLeg, BareRtp],
) -> None:
    leg, rtp = leg_and_rtp
    rtp.press(1, 0, ms=40)
    rtp.press(1, 100 * MS, ms=40)
    for duration in range(160, 0xFFFF, 160):
        rtp.event(2, 1000 * MS, duration)
        await asyncio.sleep(0.001)  # no faster than a socket takes them
    for duration in range(160, 1809 * MS, 160):  # RFC 4733 2.5.1.3: a new segment
        rtp.event(2, 1000 * MS + 0xFFFF, duration)
    rtp.event(2, 1000 * MS + 0xFFFF, 1809 * MS, is_end=True)

    assert await keys_of(leg, rtp) == "112"


async def test_a_key_whose_ends_are_lost_and_the_same_key_again(
    leg_and_rtp: tuple[PjLeg, BareRtp],
) -> None:
    leg, rtp = leg_and_rtp
    for duration in (160, 320, 480):
        rtp.event(5, 0, duration)
    rtp.lose(4)
    rtp.lose(3)
    for duration in (640, 800):  # longer than all that was heard of the first
        rtp.event(5, 300 * MS, duration)
    rtp.event(5, 300 * MS, 960, is_end=True)

    assert await keys_of(leg, rtp) == "55"


async def test_an_end_that_comes_late_is_no_key(
    leg_and_rtp: tuple[PjLeg, BareRtp],
) -> None:
    leg, rtp = leg_and_rtp
    rtp.press(1, 0)
    rtp.event(2, 200 * MS, 160)
    rtp.event(1, 0, 80 * MS, is_end=True)
    rtp.event(2, 200 * MS, 320)
    rtp.event(1, 0, 80 * MS, is_end=True)
    rtp.event(2, 200 * MS, 480, is_end=True)

    assert await keys_of(leg, rtp) == "12"


async def test_a_phone_that_gives_all_keys_one_timestamp(
    leg_and_rtp: tuple[PjLeg, BareRtp],
) -> None:
    leg, rtp = leg_and_rtp
    for event in (1, 2, 1, 1, 3):
        rtp.press(event, 4711)

    assert await keys_of(leg, rtp) == "12113"


async def test_a_phone_that_moves_the_timestamp_on_within_a_key(
    leg_and_rtp: tuple[PjLeg, BareRtp],
) -> None:
    leg, rtp = leg_and_rtp
    for begins in (0, 3000, 6000):
        for step in range(160, 1281, 160):
            rtp.event(7, begins + step, step)
        rtp.event(7, begins + 1280, 1280, is_end=True)

    assert await keys_of(leg, rtp) == "777"


async def test_keys_go_on_after_a_hold(phone: PjPhone, bare: BareSip) -> None:
    leg, tag, sdp = await answered_by_us(bare, phone)
    rtp = BareRtp(bare.rtp, sdp)
    rtp.press(4)
    assert await leg.next_digit() == "4"

    await reinvite(bare, phone, tag, 2, "inactive")
    await reinvite(bare, phone, tag, 3, "sendrecv")

    await rtp.until_heard()
    rtp.press(4, 4000)
    rtp.press(5, 8000)
    assert await keys_of(leg, rtp) == "45"


@pytest.mark.parametrize(
    ("kind", "body", "pressed"),
    [
        ("application/dtmf-relay", "Signal=7\r\nDuration=160\r\n", "7"),
        ("application/dtmf-relay", "Signal= *\r\nDuration= 160", "*"),
        ("application/dtmf-relay", "Duration=100\r\nsignal=11\r\n", "#"),
        ("application/dtmf", "9", "9"),
        ("application/dtmf", "#\r\n", "#"),
    ],
)
async def test_a_key_by_info_in_every_spelling(
    phone: PjPhone, bare: BareSip, kind: str, body: str, pressed: str
) -> None:
    leg, tag, _ = await answered_by_us(bare, phone)

    for number, info in ((2, (kind, body)), (3, ("application/dtmf", "D"))):
        bare.request(
            "INFO", phone.address, to_tag=tag, number=number, kind=info[0], body=info[1]
        )
        await bare.next("SIP/2.0")

    assert await keys_of(leg) == pressed


@pytest.mark.parametrize(("law", "codec"), [("PCMU", 0), ("PCMA", 8)])
async def test_keys_in_the_audio_of_a_phone_without_telephone_events(
    phone: PjPhone, bare: BareSip, law: str, codec: int
) -> None:
    offer = bare.sdp(codec=codec, events=False)
    leg, _, sdp = await answered_by_us(bare, phone, offer)
    rtp = BareRtp(bare.rtp, sdp, codec)

    assert await keys_said(leg, rtp, "1590*#AB", law) == "1590*#AB"


async def test_tones_are_no_keys_where_telephone_events_were_agreed_on(
    phone: PjPhone, bare: BareSip
) -> None:
    leg, _, sdp = await answered_by_us(bare, phone)
    rtp = BareRtp(bare.rtp, sdp)

    await rtp.say(encoded(np.concatenate((silence(400), key("5", 200), silence(400)))))

    assert await keys_of(leg, rtp) == ""


async def test_an_answer_without_telephone_events_is_listened_to_as_well(
    phone: PjPhone, bare: BareSip
) -> None:
    leg = await phone.dial(Destination(f"sip:1@{bare.address}", "2"))
    invite = await bare.next("INVITE")
    sdp = bare.text
    bare.respond(invite, "200 OK", body=bare.sdp(events=False))
    await bare.next("ACK")
    await leg.until_answered()

    assert await keys_said(leg, BareRtp(bare.rtp, sdp), "42") == "42"
