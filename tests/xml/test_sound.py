"""Prompts in parts: what plays is heard while the next part is made."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.fakes.leg import FakeLeg
from tests.fakes.prompts import FakePrompts
from tests.xml.scene import Scene
from voiceplat.calls.leg import CallEnded
from voiceplat.calls.script import plain
from voiceplat.calls.splitting import split

ONE = "The first sentence of this text is as long as a part may be."
TWO = "The second one is somewhat longer, because there is more time to make it then."
THREE = "And here at last comes the third and last sentence, after which nothing comes."
PAGE = f"{ONE} {TWO} {THREE}"
SPEAK = f"<Speak>{PAGE}</Speak>"


def test_the_page_has_three_parts() -> None:
    assert [part.text for part in split(plain(PAGE))] == [ONE, TWO, THREE]


async def test_the_first_part_plays_as_soon_as_it_is_made() -> None:
    scene = Scene(
        FakeLeg(lengths={ONE: 5, TWO: 5, THREE: 5}), prompts=FakePrompts(takes_s=2)
    )

    await scene.obey(SPEAK)

    assert scene.heard == [ONE, TWO, THREE]
    assert [played.began for played in scene.leg.played] == [2, 7, 12]


async def test_a_part_that_takes_longer_than_its_former_is_waited_for() -> None:
    scene = Scene(
        FakeLeg(lengths={ONE: 1, TWO: 5, THREE: 5}), prompts=FakePrompts(takes_s=2)
    )

    await scene.obey(SPEAK)

    assert [played.began for played in scene.leg.played] == [2, 4, 9]


async def test_a_later_part_that_cannot_be_made_is_passed_over() -> None:
    scene = Scene(prompts=FakePrompts(unspeakable=[TWO]))

    with capture_logs() as logs:
        await scene.obey(SPEAK + "<Speak>next</Speak>")

    assert scene.heard == [ONE, THREE, "next"]
    assert "audio_not_made" in [log["event"] for log in logs]


async def test_a_part_that_cannot_be_played_is_passed_over() -> None:
    scene = Scene(FakeLeg(broken={ONE}))

    await scene.obey(SPEAK)

    assert scene.heard == [TWO, THREE]


async def test_each_round_has_all_parts_and_none_is_made_twice() -> None:
    scene = Scene()

    await scene.obey(f'<Speak loop="2">{PAGE}</Speak>')

    assert scene.heard == [ONE, TWO, THREE] * 2
    assert [spoken.text for spoken in scene.prompts.spoken] == [ONE, TWO, THREE]


async def test_a_part_that_left_the_cache_is_made_again() -> None:
    scene = Scene()
    scene.prompts.gone.add(Path(TWO))

    await scene.obey(f'<Speak loop="2">{PAGE}</Speak>')

    assert scene.heard == [ONE, TWO, THREE] * 2
    assert [it.text for it in scene.prompts.spoken] == [ONE, TWO, THREE, TWO]


async def test_a_hangup_ends_the_making_of_what_would_come() -> None:
    scene = Scene(
        FakeLeg(lengths={ONE: 5}, hangs_up_at=3), prompts=FakePrompts(takes_s=2)
    )

    with pytest.raises(CallEnded):
        await scene.obey(SPEAK)

    assert scene.heard == [ONE]
    assert [spoken.text for spoken in scene.prompts.spoken] == [ONE]


async def test_a_pause_is_part_of_what_is_heard() -> None:
    scene = Scene()

    await scene.obey('<Speak voice="Polly.Amy"><break time="2s"/></Speak>')

    assert len(scene.heard) == 1
