"""<Wait> (plivo-xml 3.12)."""

import asyncio

import pytest

from tests.fakes.leg import FakeLeg
from tests.xml.scene import Scene, document
from voiceplat.calls.leg import CallEnded
from voiceplat.core.errors import DocumentError
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


async def test_silence_and_beep_do_not_shorten_it_yet() -> None:
    scene = Scene(FakeLeg(answered=True))

    await scene.obey('<Wait length="9" silence="true" beep="true"/>')

    assert asyncio.get_running_loop().time() == 9
