"""SSML tags inside Speak: where they may stand, and what is said (plivo-xml 3.2)."""

import pytest

from tests.xml.scene import Scene, document
from voiceplat.core.errors import DocumentError
from voiceplat.xml.ssml import TAGS

TEN = sorted(TAGS)
LEAVES = ["break", "phoneme", "say-as", "sub"]


async def said(inside: str, voice: str = "Polly.Joanna") -> str:
    scene = Scene()
    await scene.obey(f'<Speak voice="{voice}">{inside}</Speak>')
    return scene.prompts.spoken[0].text


@pytest.mark.statement(84)
@pytest.mark.parametrize(
    ("voice", "text"),
    [("Polly.Joanna", "World Wide Web"), ("WOMAN", "WWW"), ("MAN", "WWW")],
)
async def test_tags_have_a_meaning_only_with_a_polly_voice(
    voice: str, text: str
) -> None:
    assert await said('<sub alias="World Wide Web">WWW</sub>', voice) == text


@pytest.mark.statement(85)
def test_ten_tags_may_stand_in_speak() -> None:
    assert TEN == [
        "break",
        "emphasis",
        "lang",
        "p",
        "phoneme",
        "prosody",
        "s",
        "say-as",
        "sub",
        "w",
    ]
    for tag in TEN:
        document(f"<Speak><{tag}/></Speak>")


@pytest.mark.statement(86)
@pytest.mark.parametrize("leaf", LEAVES)
@pytest.mark.parametrize("inner", TEN)
def test_a_leaf_takes_no_tag(leaf: str, inner: str) -> None:
    with pytest.raises(DocumentError, match=f"<{inner}> may not stand in <{leaf}>"):
        document(f"<Speak><{leaf}><{inner}/></{leaf}></Speak>")


@pytest.mark.statement(87)
@pytest.mark.parametrize("outer", ["prosody", "lang"])
@pytest.mark.parametrize("inner", TEN)
def test_prosody_and_lang_take_all_ten(outer: str, inner: str) -> None:
    document(f"<Speak><{outer}><{inner}/></{outer}></Speak>")


@pytest.mark.statement(88)
@pytest.mark.parametrize("inner", ["lang", "p", "s", "w"])
def test_w_does_not_take_larger_tags(inner: str) -> None:
    with pytest.raises(DocumentError, match=f"<{inner}> may not stand in <w>"):
        document(f"<Speak><w><{inner}/></w></Speak>")


@pytest.mark.parametrize(
    ("outer", "refused"),
    [("p", {"p"}), ("s", {"p", "s"}), ("emphasis", {"p", "s"})],
)
def test_paragraphs_and_sentences_nest_one_way(outer: str, refused: set[str]) -> None:
    for inner in TEN:
        nested = f"<Speak><{outer}><{inner}/></{outer}></Speak>"
        if inner in refused:
            with pytest.raises(DocumentError):
                document(nested)
        else:
            document(nested)


@pytest.mark.statement(89)
async def test_sub_speaks_its_alias() -> None:
    assert await said('<sub alias="A">B</sub>') == "A"


async def test_sub_without_alias_speaks_its_text() -> None:
    assert await said("<sub>B</sub>") == "B"


@pytest.mark.statement(90)
@pytest.mark.parametrize(
    "tag",
    [
        '<amazon:effect name="whispered">softly</amazon:effect>',
        "<amazon:auto-breaths>softly</amazon:auto-breaths>",
        '<a:effect xmlns:a="urn:a">softly</a:effect>',
        "<voice>softly</voice>",
        "<cont>softly</cont>",
    ],
)
async def test_an_unsupported_tag_is_dropped_and_its_text_spoken(tag: str) -> None:
    assert await said(f"speak {tag} now") == "speak softly now"


@pytest.mark.statement(91)
async def test_text_and_tags_are_spoken_in_document_order() -> None:
    text = await said(
        "one <emphasis>two</emphasis> three"
        "<p>four <s>five</s><s>six</s></p>seven<break/>eight <w>ni</w>ne"
    )

    assert text == "one two three four five six seven eight nine"


@pytest.mark.parametrize("element", ["Play", "Hangup", "Dial"])
def test_an_element_of_the_call_may_not_stand_in_speak(element: str) -> None:
    with pytest.raises(DocumentError, match=f"<{element}> may not stand in <p>"):
        document(f"<Speak><p><{element}/></p></Speak>")
