"""What each party hears, told from its recording."""

import asyncio
from pathlib import Path

import pjsua2 as pj
import pytest

from tests.contracts.hearing_contract import Heard
from tests.signals.sounds import encoded, sine
from tests.telephony.bare_sip import BareRtp, BareSip, answered_by_us, reinvite
from tests.telephony.conftest import RTP_PORT_MIN
from voiceplat.calls.leg import CallEnded, Destination, Sound
from voiceplat.core.errors import MediaError
from voiceplat.telephony.listen import seconds, silences, tones, write_tone
from voiceplat.telephony.phone_settings import PhoneSettings
from voiceplat.telephony.pj_audio import pcm_of
from voiceplat.telephony.pj_leg import PjLeg
from voiceplat.telephony.pj_phone import PjPhone
from voiceplat.telephony.softphone import Softphone, SoftphoneCall

pytestmark = pytest.mark.sip


async def answered(phone: PjPhone, far_phone: Softphone) -> tuple[PjLeg, SoftphoneCall]:
    call = await far_phone.call(f"sip:15550199@{phone.address}")
    _, leg = await phone.next_call()
    await leg.answer()
    await call.until_answered()
    return leg, call


@pytest.mark.parametrize("codec", ["PCMU", "PCMA", "G722"])
async def test_each_codec_is_agreed_on_and_heard_both_ways(
    codec: str, phone: PjPhone, tone: Path, tmp_path: Path
) -> None:
    only = PhoneSettings(rtp_port_min=0, codecs=(codec,))
    async with Softphone.start(only, folder=tmp_path) as far_phone:
        leg, call = await answered(phone, far_phone)
        recording = asyncio.create_task(leg.record({tmp_path / "ours.wav": Sound.SAID}))

        await asyncio.gather(
            leg.play(tone), call.say(write_tone(tmp_path / "800.wav", 800, 1.0))
        )
        await leg.hang_up()
        await call.until_ended()
        await asyncio.wait([recording])

        assert (leg.codec, call.codec) == (codec, codec)
        assert [round(heard.hz / 10) for heard in tones(call.heard)] == [44]
        assert [round(heard.hz / 10) for heard in tones(tmp_path / "ours.wav")] == [80]


async def test_a_leg_to_which_nothing_plays_sends_silence_without_a_gap(
    phone: PjPhone, far_phone: Softphone
) -> None:
    leg, call = await answered(phone, far_phone)
    loop = asyncio.get_running_loop()
    began = loop.time()

    await asyncio.sleep(1.0)
    await leg.hang_up()
    await call.until_ended()

    lasted = loop.time() - began
    heard = seconds(call.heard)
    assert heard == pytest.approx(lasted, abs=0.15)
    assert call.quality.packets_received == pytest.approx(heard * 50, abs=6)
    assert call.quality.packets_lost == 0
    assert sum(gap.seconds for gap in silences(call.heard)) > heard - 0.15


async def test_a_cancelled_prompt_is_silent_within_100_ms(
    phone: PjPhone, far_phone: Softphone, tone: Path
) -> None:
    leg, call = await answered(phone, far_phone)
    loop = asyncio.get_running_loop()
    playing = asyncio.create_task(leg.play(tone))
    began = loop.time()
    await asyncio.sleep(0.5)

    played = loop.time() - began
    playing.cancel()
    await asyncio.wait([playing])
    await asyncio.sleep(0.4)
    await leg.hang_up()
    await call.until_ended()

    (heard,) = tones(call.heard)
    assert heard.seconds == pytest.approx(played, abs=0.1)
    assert seconds(call.heard) - heard.end_s > 0.25


async def test_prompts_one_after_another_are_heard_in_order_without_a_seam(
    phone: PjPhone, far_phone: Softphone, tmp_path: Path
) -> None:
    leg, call = await answered(phone, far_phone)

    for hz in (440, 800, 1200):
        await leg.play(write_tone(tmp_path / f"{hz}.wav", hz, 0.4))
    await leg.hang_up()
    await call.until_ended()

    heard = tones(call.heard)
    assert [round(tone.hz / 10) for tone in heard] == [44, 80, 120]
    assert heard[2].end_s - heard[0].start_s == pytest.approx(1.2, abs=0.15)


async def test_prompts_of_every_usual_rate_keep_their_pitch_and_length(
    phone: PjPhone, far_phone: Softphone, tmp_path: Path
) -> None:
    leg, call = await answered(phone, far_phone)

    for rate in (8000, 16000, 22050, 24000, 44100):
        await leg.play(write_tone(tmp_path / f"{rate}.wav", 600, 0.3, rate))
        await asyncio.sleep(0.1)
    await leg.hang_up()
    await call.until_ended()

    heard = tones(call.heard)
    assert [round(tone.hz / 10) for tone in heard] == [60] * 5
    assert [round(tone.seconds, 1) for tone in heard] == [0.3] * 5


async def test_a_prompt_shorter_than_a_packet_just_ends(
    phone: PjPhone, far_phone: Softphone, tmp_path: Path
) -> None:
    leg, _ = await answered(phone, far_phone)

    async with asyncio.timeout(20):
        await leg.play(write_tone(tmp_path / "tick.wav", 440, 0.01))
        await leg.play(write_tone(tmp_path / "nothing.wav", 440, 0.0))


async def test_a_file_that_is_no_wav_is_a_media_error(
    phone: PjPhone, far_phone: Softphone, tmp_path: Path
) -> None:
    leg, _ = await answered(phone, far_phone)
    (tmp_path / "page.wav").write_text("<html>not found</html>" * 40)

    with pytest.raises(MediaError):
        await leg.play(tmp_path / "page.wav")
    with pytest.raises(MediaError):
        await leg.play(tmp_path / "missing.wav")


async def test_a_recording_to_a_folder_that_is_not_there_is_a_media_error(
    phone: PjPhone, far_phone: Softphone, tmp_path: Path
) -> None:
    leg, _ = await answered(phone, far_phone)

    with pytest.raises(MediaError):
        await leg.record({tmp_path / "no" / "such.wav": Sound.SAID})


async def test_a_recording_is_whole_when_the_far_end_hangs_up(
    phone: PjPhone, far_phone: Softphone, tmp_path: Path
) -> None:
    leg, call = await answered(phone, far_phone)
    recording = asyncio.create_task(leg.record({tmp_path / "ours.wav": Sound.SAID}))

    await call.say(write_tone(tmp_path / "800.wav", 800, 0.5))
    await call.hang_up()
    await asyncio.wait([recording])

    (heard,) = tones(tmp_path / "ours.wav")
    assert heard.hz == pytest.approx(800, abs=4)
    assert heard.seconds == pytest.approx(0.5, abs=0.1)


async def test_a_prompt_outlives_a_recording_of_it(
    phone: PjPhone, far_phone: Softphone, tone: Path, tmp_path: Path
) -> None:
    leg, call = await answered(phone, far_phone)
    file = tmp_path / "ours.wav"
    recording = asyncio.create_task(leg.record({file: Sound.HEARD}))
    playing = asyncio.create_task(leg.play(tone))
    await asyncio.sleep(0.3)

    recording.cancel()
    await asyncio.wait([recording])
    await playing
    await leg.hang_up()
    await call.until_ended()

    (recorded,), (heard,) = tones(file), tones(call.heard)
    assert recorded.seconds < heard.seconds - 0.2
    assert heard.seconds == pytest.approx(1.0, abs=0.2)


async def test_keys_reach_the_far_end_of_an_outbound_leg_in_order(
    phone: PjPhone, far_phone: Softphone
) -> None:
    leg = await phone.dial(Destination(f"sip:1@{far_phone.address}", "2"))
    call = await far_phone.next_call()
    await call.answer()
    await leg.until_answered()

    await leg.send_digits("0123456789*#ABCD", tone_ms=60)

    assert await call.until_digits(16) == "0123456789*#ABCD"


async def test_early_media_is_heard_before_the_answer_and_after_it(
    phone: PjPhone, far_phone: Softphone, tone: Path, tmp_path: Path
) -> None:
    call = await far_phone.call(f"sip:1@{phone.address}")
    _, leg = await phone.next_call()

    await leg.open_early_media()
    await leg.play(tone)
    await leg.answer()
    await leg.play(write_tone(tmp_path / "800.wav", 800, 0.4))
    await leg.hang_up()
    await call.until_ended()

    assert [round(heard.hz / 10) for heard in tones(call.heard)] == [44, 80]
    names = [event.name for event in call.events]
    assert names.index("media") < names.index("answered")


async def test_a_frame_s_audio_is_copied_byte_by_byte_as_the_library_gives_it(
    phone: PjPhone,
) -> None:
    said = bytes(range(256)) + bytes(range(64))
    frame = pj.MediaFrame()
    frame.buf = pj.ByteVector(said)

    assert pcm_of(frame) == said
    assert pcm_of(pj.MediaFrame()) == b""


async def test_listening_goes_on_through_hold_and_what_comes_after_it(
    phone: PjPhone, bare: BareSip
) -> None:
    leg, tag, sdp = await answered_by_us(bare, phone)
    heard = Heard()
    listening = asyncio.create_task(leg.listen(heard.hear))
    rtp = BareRtp(bare.rtp, sdp)
    saying = asyncio.create_task(rtp.say(encoded(sine(440, 20_000))))
    await heard.until(lambda: heard.tones > 5)

    await reinvite(bare, phone, tag, 2, "inactive")
    silent = len(heard.frames)
    await heard.until(lambda: len(heard.frames) > silent + 25)
    on_hold = heard.frames[silent + 10 :]
    await reinvite(bare, phone, tag, 3, "sendrecv")
    heard.frames.clear()
    await heard.until(lambda: heard.tones > 5)

    for task in (saying, listening):
        task.cancel()
    await asyncio.wait([saying, listening])
    assert set(on_hold) == {bytes(320)}


async def test_a_phone_that_closes_while_somebody_listens_closes_well(
    far_phone: Softphone,
) -> None:
    async with PjPhone.open(PhoneSettings(rtp_port_min=RTP_PORT_MIN)) as phone:
        leg, _ = await answered(phone, far_phone)
        heard = Heard()
        listening = asyncio.create_task(leg.listen(heard.hear))
        await heard.until(lambda: len(heard.frames) > 3)

    assert (
        type((await asyncio.gather(listening, return_exceptions=True))[0]) is CallEnded
    )
