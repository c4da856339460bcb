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


async def called(world: World, document: str) -> SoftphoneCall:
    """A caller who has been answered by that document."""
    await world.application(answer_url=world.customer.document("/answer", document))
    carrier = await world.carrier()
    call = await world.dialled(carrier)
    await call.until_answered()
    return call


async def waiting(world: World, wait: str) -> SoftphoneCall:
    """A caller to whom a tone has said that the wait begins; another ends it."""
    begin = world.customer.serves("/begin.wav", tone(BEGIN_HZ))
    over = world.customer.serves("/over.wav", TONE)
    call = await called(world, f"<Play>{begin}</Play>{wait}<Play>{over}</Play>")
    await until_tone(call, BEGIN_HZ)
    return call


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

    assert not has_heard(call, TONE_HZ)
    await until_tone(call, TONE_HZ)


@pytest.mark.statement(275)
async def test_a_wait_ends_when_a_voicemail_beeps(world: World) -> None:
    call = await waiting(world, '<Wait length="90" beep="true"/>')
    greeting = written(
        world.folder / "greeting.wav", noise(2000, -20), silence(700), noise(900, -20)
    )
    beep = written(world.folder / "beep.wav", sine(1000, 400))

    await call.say(greeting)
    assert not has_heard(call, TONE_HZ)
    await call.say(beep)

    await until_tone(call, TONE_HZ)


@pytest.mark.statement(283, 285)
async def test_the_far_end_hears_the_keys_and_then_what_follows(world: World) -> None:
    over = world.customer.serves("/over.wav", TONE)
    keys = world.customer.document(
        "/keys", f"<DTMF>12w3</DTMF><DTMF>4#</DTMF><Play>{over}</Play>"
    )
    begin = world.customer.serves("/begin.wav", tone(BEGIN_HZ))
    prompt = f'<Play loop="0">{begin}</Play>'
    ask = f'<GetDigits action="{keys}" numDigits="1">{prompt}</GetDigits>'
    call = await called(world, ask)
    await until_tone(call, BEGIN_HZ)

    await call.press("1")
    await call.until_ended()

    assert call.digits == "1234#"
    assert has_heard(call, TONE_HZ)
