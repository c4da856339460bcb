"""<Wait> (plivo-xml 3.12)."""

import asyncio

import pytest

from tests.fakes.leg import FakeLeg
from tests.signals.sounds import Sound, noise, pcm_of, silence, sine
from tests.xml.scene import Scene, document
from voiceplat.calls.leg import CallEnded
from voiceplat.core.errors import DocumentError
from voiceplat.core.settings import MediaSettings, Settings
from voiceplat.xml.elements.wait import Wait


@pytest.mark.statement(270)
async def test_without_attributes_it_pauses_one_second() -> None:
    scene = Scene(FakeLeg(answered=True))

    await scene.obey("<Wait/><Speak>next</Speak>")

    assert scene.leg.played[0].began == 1


@pytest.mark.statement(271)
async def test_as_first_element_it_lets_an_inbound_call_ring_on() -> None:
    scene = Scene()

    await scene.obey('<Wait length="5"/><Speak>next</Speak>')

    assert scene.leg.answered_at == 5


@pytest.mark.statement(272)
@pytest.mark.parametrize("length", ["0", "-3", "x", "", "1.5"])
def test_a_length_below_one_or_no_number_is_a_format_error(length: str) -> None:
    with pytest.raises(DocumentError, match="<Wait>: length must be"):
        document(f'<Wait length="{length}"/>')


async def test_a_hangup_ends_it_at_once() -> None:
    scene = Scene(FakeLeg(answered=True, hangs_up_at=3))

    with pytest.raises(CallEnded):
        await scene.obey('<Wait length="60"/>')

    assert asyncio.get_running_loop().time() == 3


@pytest.mark.statement(277)
@pytest.mark.parametrize("spelling", ["minSilence", "min_silence"])
@pytest.mark.parametrize(
    ("written", "read"), [("3000", 3000), ("0", 2000), ("-1", 2000), ("x", 2000)]
)
def test_min_silence_is_read_in_both_spellings(
    spelling: str, written: str, read: int
) -> None:
    (wait,) = document(f'<Wait silence="true" {spelling}="{written}"/>').elements

    assert wait == Wait(silence=True, min_silence=read)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("true", "true"),
        ("false", "false"),
        ("yes", "false"),
        ("", "false"),
        (
            "duration=300, inter_silence=50,intra_silence=500,threshold=256",
            "duration=300,inter_silence=50,intra_silence=500,threshold=256",
        ),
        ("duration=long", "false"),
        ("true,duration=300", "false"),
    ],
)
def test_beep_is_a_flag_or_a_tuned_detector(written: str, read: str) -> None:
    (wait,) = document(f'<Wait beep="{written}"/>').elements

    assert wait == Wait(beep=read)


def talk(ms: int) -> Sound:
    """Sound that is neither silence nor a tone."""
    return noise(ms, -20)


def far_end(*sounds: Sound) -> FakeLeg:
    return FakeLeg(answered=True, says=[(0, pcm_of(*sounds))])


async def waited(leg: FakeLeg, attributes: str) -> float:
    """For how many seconds."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await Scene(leg).obey(f"<Wait {attributes}/>")
    return round(loop.time() - began, 2)


@pytest.mark.statement(273)
async def test_silence_ends_after_so_much_silence_of_the_far_end() -> None:
    leg = far_end(talk(1000), silence(1500), talk(2000))

    assert await waited(leg, 'length="30" silence="true" minSilence="3000"') == 7.5


@pytest.mark.statement(274)
async def test_min_silence_is_two_seconds_when_it_is_not_said() -> None:
    assert await waited(far_end(talk(1000)), 'length="30" silence="true"') == 3


@pytest.mark.statement(274)
async def test_min_silence_means_nothing_without_silence() -> None:
    assert await waited(far_end(silence(1000)), 'length="6" minSilence="1000"') == 6


async def test_without_silence_it_waits_its_whole_length() -> None:
    leg = far_end(talk(60_000))

    assert await waited(leg, 'length="9" silence="true" minSilence="1000"') == 9


async def test_a_min_silence_longer_than_the_length_is_never_reached() -> None:
    leg = far_end(silence(1000))

    assert await waited(leg, 'length="2" silence="true" minSilence="5000"') == 2


async def test_noise_of_the_line_is_silence_and_the_setting_says_how_much() -> None:
    loud = Settings(media=MediaSettings(silence_below_dbfs=-30))
    scene = Scene(far_end(noise(60_000, -35)), settings=loud)

    await scene.obey('<Wait length="20" silence="true"/>')

    assert round(asyncio.get_running_loop().time(), 2) == 2
    assert await waited(far_end(noise(60_000, -35)), 'length="9" silence="true"') == 9


@pytest.mark.statement(275)
@pytest.mark.parametrize("beep", ["true", "duration=300,intra_silence=500"])
async def test_beep_ends_when_a_voicemail_beeps(beep: str) -> None:
    leg = far_end(talk(3000), silence(400), sine(1000, 500), silence(9000))

    assert await waited(leg, f'length="30" beep="{beep}"') == pytest.approx(
        4.4, abs=0.1
    )


async def test_a_tuned_beep_is_what_was_asked_for() -> None:
    leg = far_end(sine(1000, 400), silence(1000), sine(1000, 900), silence(5000))

    took = await waited(leg, 'length="30" beep="duration=800,intra_silence=200"')

    assert took == pytest.approx(2.5, abs=0.1)


async def test_without_a_beep_it_waits_its_whole_length() -> None:
    assert await waited(far_end(talk(60_000)), 'length="9" beep="true"') == 9


@pytest.mark.statement(276)
async def test_beep_is_ignored_when_silence_is_asked_for() -> None:
    leg = far_end(talk(1000), sine(1000, 500), silence(600), talk(60_000))

    assert await waited(leg, 'length="9" silence="true" beep="true"') == 9


@pytest.mark.parametrize("what", ['silence="true"', 'beep="true"'])
async def test_an_unanswered_call_is_not_listened_to(what: str) -> None:
    assert await waited(FakeLeg(), f'length="9" {what}') == 9


async def test_a_hangup_ends_listening_too() -> None:
    leg = FakeLeg(answered=True, hangs_up_at=1)

    with pytest.raises(CallEnded):
        await waited(leg, 'length="60" silence="true"')

    assert asyncio.get_running_loop().time() == 1


async def test_early_media_is_listened_to() -> None:
    scene = Scene()

    await scene.obey('<PreAnswer><Wait length="9" silence="true"/></PreAnswer>')

    assert round(asyncio.get_running_loop().time(), 2) == 2
