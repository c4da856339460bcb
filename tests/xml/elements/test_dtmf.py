"""<DTMF> (plivo-xml 3.14)."""

import asyncio

import pytest

from tests.fakes.leg import FakeLeg
from tests.xml.scene import Scene, document
from voiceplat.calls.hangup import CAUSES
from voiceplat.calls.leg import CallEnded
from voiceplat.calls.outcome import End
from voiceplat.xml.elements.dtmf import DTMF

KEY_S = 0.24
"""A key and the pause after it."""


def sent(scene: Scene) -> list[tuple[float, str]]:
    """When which key was sent, to the hundredth."""
    return [(round(at, 2), key) for at, key in scene.leg.sent]


@pytest.mark.statement(283)
async def test_a_small_w_waits_half_a_second() -> None:
    scene = Scene(FakeLeg(answered=True))

    await scene.obey("<DTMF>1w2</DTMF>")

    assert sent(scene) == [(0, "1"), (round(KEY_S + 0.5, 2), "2")]


@pytest.mark.statement(284)
async def test_a_capital_w_waits_a_second() -> None:
    scene = Scene(FakeLeg(answered=True))

    await scene.obey("<DTMF>1W2</DTMF>")

    assert sent(scene) == [(0, "1"), (round(KEY_S + 1, 2), "2")]


@pytest.mark.statement(285)
async def test_the_next_element_runs_after_the_first_key() -> None:
    scene = Scene(FakeLeg(answered=True))

    await scene.obey("<DTMF>123</DTMF><Speak>next</Speak>")

    assert scene.leg.played[0].began == pytest.approx(KEY_S)
    assert [key for _, key in scene.leg.sent] == ["1", "2", "3"]


async def test_pauses_before_the_first_key_are_waited_for() -> None:
    scene = Scene(FakeLeg(answered=True))

    await scene.obey("<DTMF>w1W2</DTMF><Speak>next</Speak>")

    assert scene.leg.played[0].began == pytest.approx(0.5 + KEY_S)


@pytest.mark.statement(286)
async def test_async_false_runs_the_next_element_after_the_last_key() -> None:
    scene = Scene(FakeLeg(answered=True))

    await scene.obey('<DTMF async="false">123</DTMF><Speak>next</Speak>')

    assert scene.leg.played[0].began == pytest.approx(3 * KEY_S)


@pytest.mark.statement(287)
async def test_other_characters_are_ignored() -> None:
    scene = Scene(FakeLeg(answered=True))

    await scene.obey("<DTMF>1-2 a(3)*D#</DTMF>")

    assert [key for _, key in scene.leg.sent] == ["1", "2", "3", "*", "#"]


@pytest.mark.parametrize("inside", ["", "call me", "&#233;"])
async def test_nothing_to_send_is_no_fault(inside: str) -> None:
    scene = Scene(FakeLeg(answered=True))

    await scene.obey(f"<DTMF>{inside}</DTMF><Speak>next</Speak>")

    assert scene.leg.sent == []
    assert scene.leg.played[0].began == 0


def test_digits_may_stand_in_the_attribute_of_the_node_sdk() -> None:
    first, second = document('<DTMF digits="1 2"/><DTMF digits="9">3</DTMF>').elements

    assert first == DTMF(digits="12")
    assert isinstance(second, DTMF)
    assert second.text == "3"


async def test_the_attribute_is_sent_when_there_is_no_body() -> None:
    scene = Scene(FakeLeg(answered=True))

    await scene.obey('<DTMF digits="12"/><DTMF digits="9">3</DTMF>')

    assert [key for _, key in scene.leg.sent] == ["1", "2", "3"]


async def test_several_keep_their_order() -> None:
    scene = Scene(FakeLeg(answered=True))

    await scene.obey("<DTMF>12w3</DTMF><DTMF>45</DTMF><DTMF>6</DTMF>")

    assert [key for _, key in scene.leg.sent] == list("123456")


async def test_the_call_does_not_end_before_the_last_key() -> None:
    scene = Scene(FakeLeg(answered=True))

    end = await scene.obey("<DTMF>1WWW2</DTMF>")

    assert end == End(CAUSES[4010])
    assert asyncio.get_running_loop().time() == pytest.approx(3 + 2 * KEY_S)


async def test_it_answers_an_inbound_call() -> None:
    scene = Scene()

    await scene.obey("<DTMF>1</DTMF>")

    assert scene.leg.answered_at == 0


async def test_inside_preanswer_the_keys_are_early_media() -> None:
    scene = Scene()

    await scene.obey('<PreAnswer><DTMF>12</DTMF></PreAnswer><Wait length="5"/>')

    assert [key for _, key in scene.leg.sent] == ["1", "2"]
    assert scene.leg.answered_at is None


async def test_a_hangup_ends_it_at_once() -> None:
    scene = Scene(FakeLeg(answered=True, hangs_up_at=2))

    with pytest.raises(CallEnded):
        await scene.obey('<DTMF async="false">1WWW2</DTMF>')

    assert [key for _, key in scene.leg.sent] == ["1"]
    assert asyncio.get_running_loop().time() == 2
