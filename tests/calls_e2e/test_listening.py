"""Waiting for what the far end says, and keys that it is sent, on real calls."""

import wave
from pathlib import Path

import numpy as np
import pytest

from tests.calls_e2e.conftest import TONE, TONE_HZ, World, tone
from tests.calls_e2e.hearing import has_heard, until_tone
from tests.signals.sounds import RATE_HZ, Sound, noise, pcm_of, silence, sine
from voiceplat.telephony.softphone import SoftphoneCall

pytestmark = [pytest.mark.edge, pytest.mark.sip]

BEGIN_HZ = 880


async def obeying(world: World, document: str) -> SoftphoneCall:
    """A caller who has heard a prompt, and pressed a key to run that document."""
    begin = world.customer.serves("/begin.wav", tone(BEGIN_HZ))
    action = world.customer.document("/action", document)
    ask = (
        f'<GetDigits action="{action}" numDigits="1">'
        f'<Play loop="0">{begin}</Play></GetDigits>'
    )
    await world.application(answer_url=world.customer.document("/answer", ask))
    carrier = await world.carrier()
    call = await world.dialled(carrier)
    await until_tone(call, BEGIN_HZ)
    await call.press("1")
    await world.customer.asked_for("/action")
    return call


async def waiting(world: World, wait: str) -> SoftphoneCall:
    """A caller who is in a wait, after which the call asks for `/over`."""
    over = world.customer.document("/over", "<Hangup/>")
    return await obeying(world, f"{wait}<Redirect>{over}</Redirect>")


def written(wav: Path, *parts: Sound) -> Path:
    with wave.open(str(wav), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(pcm_of(np.concatenate(parts)))
    return wav


@pytest.mark.statement(273)
async def test_a_wait_ends_when_the_far_end_falls_silent(world: World) -> None:
    wait = '<Wait length="90" silence="true" minSilence="4000"/>'
    call = await waiting(world, wait)

    await call.say(written(world.folder / "talk.wav", noise(6000, -20)))

    assert not world.customer.requests("/over")
    await world.customer.asked_for("/over")


@pytest.mark.statement(275)
async def test_a_wait_ends_when_a_voicemail_beeps(world: World) -> None:
    call = await waiting(world, '<Wait length="90" beep="true"/>')
    greeting = written(
        world.folder / "greeting.wav", noise(2000, -20), silence(700), noise(900, -20)
    )
    beep = written(world.folder / "beep.wav", sine(1000, 400))

    await call.say(greeting)
    assert not world.customer.requests("/over")
    await call.say(beep)

    await world.customer.asked_for("/over")


@pytest.mark.statement(283, 285)
async def test_the_far_end_hears_the_keys_and_then_what_follows(world: World) -> None:
    over = world.customer.serves("/over.wav", TONE)
    keys = "<DTMF>12w3</DTMF><DTMF>4#</DTMF>"

    call = await obeying(world, f"{keys}<Play>{over}</Play>")
    await call.until_ended()

    assert call.digits == "1234#"
    assert has_heard(call, TONE_HZ)
