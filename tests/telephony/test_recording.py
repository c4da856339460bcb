"""What is recorded of a leg: what it says and what it hears, in step."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.contracts.bridge_contract import over
from tests.telephony.bare_sip import BareSip, answered_by_us, reinvite
from tests.telephony.test_pj_audio import answered
from voiceplat.calls.leg import Destination, Leg, Sound
from voiceplat.telephony.listen import Tone, seconds, tones, write_tone
from voiceplat.telephony.pj_leg import PjLeg
from voiceplat.telephony.pj_phone import PjPhone
from voiceplat.telephony.softphone import Softphone, SoftphoneCall

pytestmark = pytest.mark.sip

SOON_S = 0.3
A_HZ, B_HZ, PROMPT_HZ = 500, 900, 1300


def pitches(wav: Path) -> list[int]:
    return [round(tone.hz / 10) * 10 for tone in tones(wav)]


@asynccontextmanager
async def recording(leg: Leg, tracks: dict[Path, Sound]) -> AsyncIterator[None]:
    task = asyncio.create_task(leg.record(tracks))
    try:
        yield
    finally:
        await over(task)


@pytest.fixture
def left(tmp_path: Path) -> Path:
    return tmp_path / "left.wav"


@pytest.fixture
def right(tmp_path: Path) -> Path:
    return tmp_path / "right.wav"


@pytest.fixture
def said(tmp_path: Path) -> Path:
    return write_tone(tmp_path / "said.wav", A_HZ, 1)


@pytest.fixture
def prompt(tmp_path: Path) -> Path:
    return write_tone(tmp_path / "prompt.wav", PROMPT_HZ, 1)


async def partner(phone: PjPhone, far_phone: Softphone) -> tuple[PjLeg, SoftphoneCall]:
    leg = await phone.dial(Destination(f"sip:1@{far_phone.address}", "2"))
    call = await far_phone.next_call()
    await call.answer()
    await leg.until_answered()
    return leg, call


async def test_what_a_leg_says_and_what_it_hears_are_apart_and_in_step(
    phone: PjPhone, far_phone: Softphone, said: Path, prompt: Path, tmp_path: Path
) -> None:
    left, right = tmp_path / "left.wav", tmp_path / "right.wav"
    leg, call = await answered(phone, far_phone)

    async with recording(leg, {left: Sound.SAID, right: Sound.HEARD}):
        await asyncio.sleep(SOON_S)
        await asyncio.gather(leg.play(prompt), call.say(said))
        await asyncio.sleep(SOON_S)

    (ours,), (theirs,) = tones(right), tones(left)
    assert (round(theirs.hz, -1), round(ours.hz, -1)) == (A_HZ, PROMPT_HZ)
    assert seconds(left) == pytest.approx(seconds(right), abs=0.021)
    assert theirs.seconds == pytest.approx(1, abs=0.1)
    assert ours.seconds == pytest.approx(1, abs=0.1)


async def test_a_bridged_leg_hears_the_other_and_nothing_once_they_part(
    phone: PjPhone, far_phone: Softphone, said: Path, left: Path, right: Path
) -> None:
    leg, call = await answered(phone, far_phone)
    other, other_call = await partner(phone, far_phone)
    bridging = asyncio.create_task(leg.bridge(other))

    async with recording(leg, {left: Sound.SAID, right: Sound.HEARD}):
        await asyncio.sleep(SOON_S)
        await other_call.say(said)
        await asyncio.sleep(SOON_S)
        await over(bridging)
        await other_call.say(said)
        await call.say(said)
        await asyncio.sleep(SOON_S)

    assert pitches(right) == [A_HZ]
    assert pitches(left) == [A_HZ]
    (heard,), (spoken,) = tones(right), tones(left)
    assert heard.end_s < spoken.start_s


async def test_who_is_bridged_while_it_goes_on_is_recorded_too(
    phone: PjPhone, far_phone: Softphone, said: Path, right: Path
) -> None:
    leg, _ = await answered(phone, far_phone)
    other, other_call = await partner(phone, far_phone)

    async with (
        recording(other, {right: Sound.SAID}),
        recording(leg, {right.with_name("both.wav"): Sound.BOTH}),
    ):
        bridging = asyncio.create_task(other.bridge(leg))
        await asyncio.sleep(SOON_S)
        await other_call.say(said)
        await asyncio.sleep(SOON_S)
        await over(bridging)

    assert pitches(right) == pitches(right.with_name("both.wav")) == [A_HZ]


async def test_a_mono_recording_mixes_what_is_said_and_heard(
    phone: PjPhone, far_phone: Softphone, said: Path, prompt: Path, left: Path
) -> None:
    leg, call = await answered(phone, far_phone)

    async with recording(leg, {left: Sound.BOTH}):
        await leg.play(prompt)
        await asyncio.sleep(SOON_S)
        await call.say(said)
        await asyncio.sleep(SOON_S)

    assert pitches(left) == [PROMPT_HZ, A_HZ]


async def test_a_prompt_that_nobody_hears_is_not_recorded(
    phone: PjPhone, far_phone: Softphone, said: Path, prompt: Path, right: Path
) -> None:
    leg, _ = await answered(phone, far_phone)

    async with recording(leg, {right: Sound.HEARD}):
        unheard = asyncio.create_task(leg.play(prompt))
        with leg.hushed():
            await leg.play(said)
        await unheard

    assert PROMPT_HZ not in pitches(right)
    assert A_HZ in pitches(right)


async def test_a_prompt_that_was_playing_already_is_recorded_from_then_on(
    phone: PjPhone, far_phone: Softphone, prompt: Path, right: Path
) -> None:
    leg, _ = await answered(phone, far_phone)
    playing = asyncio.create_task(leg.play(prompt))
    await asyncio.sleep(SOON_S)

    async with recording(leg, {right: Sound.HEARD}):
        await playing

    (heard,) = tones(right)
    assert heard.seconds == pytest.approx(1 - SOON_S, abs=0.2)


async def test_several_recordings_of_a_leg_do_not_disturb_one_another(
    phone: PjPhone, far_phone: Softphone, said: Path, left: Path, right: Path
) -> None:
    leg, call = await answered(phone, far_phone)

    async with recording(leg, {left: Sound.SAID}):
        async with recording(leg, {right: Sound.BOTH}):
            await call.say(said)
            await asyncio.sleep(SOON_S)
        await call.say(said)
        await asyncio.sleep(SOON_S)

    assert pitches(left) == [A_HZ, A_HZ]
    assert pitches(right) == [A_HZ]


async def test_a_recording_goes_on_through_hold_and_what_comes_after_it(
    phone: PjPhone, bare: BareSip, prompt: Path, right: Path
) -> None:
    leg, tag, _ = await answered_by_us(bare, phone)

    async with recording(leg, {right: Sound.HEARD}):
        await leg.play(prompt)
        await reinvite(bare, phone, tag, 2, "inactive")
        await asyncio.sleep(1)
        await reinvite(bare, phone, tag, 3, "sendrecv")
        await leg.play(prompt)
        await asyncio.sleep(SOON_S)

    first, second = _apart(tones(right))
    assert (round(first.hz, -1), round(second.hz, -1)) == (PROMPT_HZ, PROMPT_HZ)
    assert second.start_s - first.end_s > 0.9
    assert seconds(right) > 3


def _apart(heard: list[Tone]) -> tuple[Tone, Tone]:
    (first, second) = heard
    return first, second
