"""<Speak> (plivo-xml 3.2)."""

import pytest

from tests.fakes.leg import FakeLeg
from tests.fakes.prompts import FakePrompts, Spoken
from tests.xml.scene import Scene, document
from voiceplat.calls.leg import CallEnded
from voiceplat.core.errors import DocumentError
from voiceplat.xml.document import parse


@pytest.mark.statement(73)
async def test_without_attributes_a_woman_speaks_american_english_once() -> None:
    scene = Scene()

    await scene.obey("<Speak>hello</Speak>")

    assert scene.prompts.spoken == [Spoken("hello", "WOMAN", "en-US")]
    assert scene.heard == ["hello"]


@pytest.mark.statement(74)
async def test_loop_3_speaks_three_times() -> None:
    scene = Scene()

    await scene.obey('<Speak loop="3">hello</Speak>')

    assert scene.heard == ["hello"] * 3
    assert len(scene.prompts.spoken) == 1


@pytest.mark.statement(77)
@pytest.mark.parametrize("loop", ["x", "", "1.5", "two"])
async def test_a_loop_that_is_no_number_counts_as_1(loop: str) -> None:
    scene = Scene()

    await scene.obey(f'<Speak loop="{loop}">hello</Speak>')

    assert scene.heard == ["hello"]


@pytest.mark.statement(78)
async def test_as_first_element_it_answers_an_inbound_call() -> None:
    scene = Scene()

    await scene.obey("<Speak>hello</Speak>")

    assert scene.leg.answered_at == 0
    assert scene.leg.played[0].answered


@pytest.mark.statement(79)
async def test_a_polly_voice_is_used() -> None:
    scene = Scene()

    await scene.obey('<Speak voice="Polly.Joanna">hello</Speak>')

    assert scene.prompts.spoken == [Spoken("hello", "Polly.Joanna", "en-US")]


@pytest.mark.statement(80)
@pytest.mark.parametrize("voice", ["alice", "Polly.", "Polly.A.B", "Polly"])
async def test_a_voice_of_no_known_form_is_the_default_or_refused_when_strict(
    voice: str,
) -> None:
    scene = Scene()
    inside = f'<Speak voice="{voice}">hello</Speak>'

    await scene.obey(inside)

    assert scene.prompts.spoken == [Spoken("hello", "WOMAN", "en-US")]
    with pytest.raises(DocumentError, match="no voice"):
        parse(f"<Response>{inside}</Response>".encode(), strict_voices=True)


@pytest.mark.statement(82)
async def test_a_language_outside_the_table_is_tried_or_refused_when_strict() -> None:
    scene = Scene()
    inside = '<Speak voice="WOMAN" language="hi-IN">namaste</Speak>'

    await scene.obey(inside)

    assert scene.prompts.spoken == [Spoken("namaste", "WOMAN", "hi-IN")]
    with pytest.raises(DocumentError, match="no voice 'WOMAN' for language 'hi-IN'"):
        parse(f"<Response>{inside}</Response>".encode(), strict_voices=True)


@pytest.mark.statement(83)
async def test_3000_characters_are_spoken_in_one_element() -> None:
    scene = Scene()
    text = "word " * 599 + "words"

    await scene.obey(f"<Speak>{text}</Speak>")

    assert len(text) == 3000
    assert " ".join(spoken.text for spoken in scene.prompts.spoken) == text


@pytest.mark.statement(24)
async def test_whitespace_around_and_within_the_text_is_folded() -> None:
    scene = Scene()

    await scene.obey("<Speak>\n   hello\n\t  world </Speak>")

    assert scene.heard == ["hello world"]


@pytest.mark.parametrize("empty", ["<Speak/>", "<Speak>   </Speak>"])
async def test_an_empty_text_is_passed_over_at_once(empty: str) -> None:
    scene = Scene()

    await scene.obey(empty + "<Speak>next</Speak>")

    assert scene.heard == ["next"]


async def test_a_text_that_nobody_can_speak_is_passed_over() -> None:
    scene = Scene(prompts=FakePrompts(unspeakable=["hello"]))

    await scene.obey("<Speak>hello</Speak><Speak>next</Speak>")

    assert scene.heard == ["next"]


async def test_legs_of_the_java_sdk_changes_nothing() -> None:
    scene = Scene()

    await scene.obey('<Speak legs="both">hello</Speak>')

    assert scene.heard == ["hello"]


async def test_a_hangup_stops_it_and_nothing_is_requested() -> None:
    scene = Scene(FakeLeg(lengths={"hello": 9}, hangs_up_at=2))

    with pytest.raises(CallEnded):
        await scene.obey("<Speak>hello</Speak><Redirect>https://e.com/</Redirect>")

    assert scene.documents.asked == []


@pytest.mark.statement(92)
async def test_speech_and_its_tags_ask_the_application_for_nothing() -> None:
    scene = Scene()

    await scene.obey(
        '<Speak voice="Polly.Amy">a <sub alias="b">c</sub> <break time="1s"/></Speak>'
    )

    assert scene.documents.asked == []
    assert scene.prompts.fetched == []


def test_the_text_of_a_document_is_one_element() -> None:
    assert len(document("<Speak>a <lang>b</lang> c</Speak>").elements) == 1
