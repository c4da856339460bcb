"""<PreAnswer> (plivo-xml 3.13)."""

import pytest

from tests.fakes.leg import FakeLeg
from tests.xml.scene import Scene, document
from voiceplat.calls.status import CallStatus
from voiceplat.core.errors import DocumentError


@pytest.mark.statement(278)
async def test_it_plays_to_the_caller_while_the_call_still_rings() -> None:
    scene = Scene()

    await scene.obey("<PreAnswer><Speak>early</Speak></PreAnswer>")

    assert scene.heard == ["early"]
    assert not scene.leg.played[0].answered
    assert scene.leg.early_media_at == 0
    assert scene.session.status is CallStatus.RINGING


@pytest.mark.statement(279)
async def test_the_element_after_it_answers_the_call() -> None:
    scene = Scene()

    await scene.obey("<PreAnswer><Speak>early</Speak></PreAnswer><Speak>on</Speak>")

    assert [(it.name, it.answered) for it in scene.leg.played] == [
        ("early", False),
        ("on", True),
    ]


@pytest.mark.statement(280)
async def test_play_speak_and_wait_run_inside_it_in_their_order() -> None:
    scene = Scene()

    await scene.obey(
        "<PreAnswer><Play>https://e.com/a.wav</Play><Wait length='3'/>"
        "<Speak>b</Speak></PreAnswer>"
    )

    assert [(it.name, it.began) for it in scene.leg.played] == [("a.wav", 0), ("b", 4)]
    assert not scene.leg.answered


async def test_redirect_inside_it_leaves_the_document_unanswered() -> None:
    scene = Scene(pages={"https://e.com/next": "<Hangup reason='busy'/>"})

    end = await scene.obey(
        "<PreAnswer><Redirect>https://e.com/next</Redirect><Speak>no</Speak></PreAnswer>"
        "<Speak>never</Speak>"
    )

    assert end.cause.code == 3010
    assert scene.heard == []


@pytest.mark.statement(282, 16)
async def test_an_attribute_does_not_stop_it() -> None:
    scene = Scene()

    await scene.obey('<PreAnswer loud="true"><Speak>early</Speak></PreAnswer>')

    assert scene.heard == ["early"]


async def test_on_an_answered_call_its_children_just_run() -> None:
    scene = Scene(FakeLeg(answered=True))

    await scene.obey("<PreAnswer><Speak>now</Speak></PreAnswer>")

    assert scene.heard == ["now"]
    assert scene.leg.early_media_at is None


@pytest.mark.statement(22)
@pytest.mark.parametrize("child", ["<Hangup/>", "<PreAnswer/>", "<Dial/>"])
def test_other_elements_may_not_stand_inside(child: str) -> None:
    with pytest.raises(DocumentError, match="may not stand in <PreAnswer>"):
        document(f"<PreAnswer>{child}</PreAnswer>")


async def test_an_unknown_tag_inside_is_skipped() -> None:
    scene = Scene()

    await scene.obey("<PreAnswer><Parameter/><Speak>early</Speak></PreAnswer>")

    assert scene.heard == ["early"]
