"""<Play> (plivo-xml 3.3)."""

import asyncio
from pathlib import Path

import pytest

from tests.fakes.leg import FakeLeg
from tests.fakes.prompts import FakePrompts
from tests.xml.scene import Scene, document
from voiceplat.calls.leg import CallEnded
from voiceplat.calls.status import CallStatus
from voiceplat.core.errors import DocumentError

MENU = "<Play>https://e.com/menu.mp3</Play>"


@pytest.mark.statement(93)
async def test_the_url_in_its_body_is_fetched_and_played_once() -> None:
    scene = Scene()

    await scene.obey(MENU)

    assert scene.prompts.fetched == ["https://e.com/menu.mp3"]
    assert scene.heard == ["menu.mp3"]


@pytest.mark.statement(96)
async def test_loop_2_plays_twice_and_fetches_once() -> None:
    scene = Scene()

    await scene.obey('<Play loop="2">https://e.com/menu.mp3</Play>')

    assert scene.heard == ["menu.mp3", "menu.mp3"]
    assert len(scene.prompts.fetched) == 1


@pytest.mark.statement(75, 95)
@pytest.mark.parametrize(
    "endless",
    ['<Play loop="0">https://e.com/a.mp3</Play>', '<Speak loop="0">a</Speak>'],
)
async def test_loop_0_plays_until_hangup_and_what_follows_never_runs(
    endless: str,
) -> None:
    scene = Scene(FakeLeg(hangs_up_at=3600.5))

    with pytest.raises(CallEnded):
        await scene.obey(endless + "<Speak>never</Speak>")

    assert len(scene.heard) == 3601
    assert "never" not in scene.heard


@pytest.mark.statement(97)
async def test_a_file_that_is_not_there_is_passed_over() -> None:
    scene = Scene(prompts=FakePrompts(missing=["https://e.com/menu.mp3"]))

    await scene.obey(MENU + "<Speak>next</Speak>")

    assert scene.heard == ["next"]
    assert len(scene.prompts.fetched) == 1


async def test_a_file_that_cannot_be_played_is_passed_over_even_when_endless() -> None:
    scene = Scene(FakeLeg(broken={"menu.mp3"}))

    await scene.obey('<Play loop="0">https://e.com/menu.mp3</Play><Speak>next</Speak>')

    assert scene.heard == ["next"]


@pytest.mark.parametrize("body", ["/etc/passwd", "file:///a.wav", "hello", "http://"])
async def test_a_body_that_is_no_web_url_is_passed_over_unfetched(body: str) -> None:
    scene = Scene()

    await scene.obey(f"<Play>{body}</Play><Speak>next</Speak>")

    assert scene.prompts.fetched == []
    assert scene.heard == ["next"]


@pytest.mark.statement(98)
@pytest.mark.parametrize("empty", ["<Play/>", "<Play></Play>", "<Play>  \n </Play>"])
def test_an_empty_body_fails_the_document(empty: str) -> None:
    with pytest.raises(DocumentError, match="<Play>: its body is missing"):
        document(empty)


@pytest.mark.statement(99)
async def test_as_first_element_it_answers_when_its_file_is_ready() -> None:
    scene = Scene(prompts=FakePrompts(takes_s=4))

    await scene.obey(MENU)

    assert scene.session.status is CallStatus.IN_PROGRESS
    assert scene.leg.answered_at == 4
    assert scene.leg.played[0].began == 4


@pytest.mark.statement(100)
async def test_a_hangup_stops_it_and_no_later_element_runs() -> None:
    scene = Scene(FakeLeg(lengths={"menu.mp3": 20}, hangs_up_at=7))

    with pytest.raises(CallEnded):
        await scene.obey(MENU + "<Redirect>https://e.com/next</Redirect>")

    assert asyncio.get_running_loop().time() == 7
    assert scene.documents.asked == []


@pytest.mark.statement(76)
@pytest.mark.parametrize("tag", ["Play", "Speak"])
def test_a_negative_loop_is_a_format_error(tag: str) -> None:
    with pytest.raises(DocumentError, match="loop must not be negative"):
        document(f'<{tag} loop="-1">https://e.com/a.mp3</{tag}>')


async def test_a_file_that_left_the_cache_between_two_rounds_is_fetched_again() -> None:
    scene = Scene()
    scene.prompts.gone.add(Path("a.wav"))

    await scene.obey('<Play loop="2">http://files.test/a.wav</Play>')

    assert scene.heard == ["a.wav", "a.wav"]
    assert len(scene.prompts.fetched) == 3
