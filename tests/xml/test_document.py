"""Which texts are documents, and what a text that is none is told (plivo-xml 2.2)."""

from pathlib import Path

import pytest

from tests.xml.scene import Scene, document
from voiceplat.core.errors import DocumentError
from voiceplat.xml.document import MAX_BYTES, parse
from voiceplat.xml.elements.hangup import Hangup
from voiceplat.xml.elements.play import Play
from voiceplat.xml.elements.redirect import Redirect
from voiceplat.xml.elements.speak import Speak
from voiceplat.xml.elements.wait import Wait
from voiceplat.xml.registry import NOT_YET

CORPUS = Path(__file__).parents[1] / "corpus"


def named(folder: str) -> list[Path]:
    return sorted((CORPUS / folder).glob("*.xml"))


@pytest.mark.parametrize("page", named("good"), ids=lambda page: page.stem)
def test_a_good_document_is_read(page: Path) -> None:
    parse(page.read_bytes())


@pytest.mark.parametrize("page", named("bad"), ids=lambda page: page.stem)
def test_a_bad_document_is_refused(page: Path) -> None:
    with pytest.raises(DocumentError):
        parse(page.read_bytes())


@pytest.mark.statement(3)
def test_the_xml_declaration_may_be_there_or_not() -> None:
    bare = b"<Response><Hangup/></Response>"

    assert parse(b'<?xml version="1.0" encoding="utf-8"?>' + bare) == parse(bare)


@pytest.mark.statement(4)
def test_utf_8_reaches_the_elements_unchanged() -> None:
    text = "Olá 你好 🎉"

    read = document(f"<Speak>{text}</Speak><Play>https://e.com/{text}</Play>")

    assert read.elements == (
        Speak(content=(text,)),
        Play(text=f"https://e.com/{text}"),
    )


@pytest.mark.statement(12)
def test_an_element_in_lower_case_is_an_unknown_one() -> None:
    with pytest.raises(DocumentError, match="<speak> is an unknown element"):
        document("<speak>hello</speak>")


@pytest.mark.statement(13)
def test_attribute_names_are_case_sensitive() -> None:
    read = document('<Wait Length="5" LENGTH="6"/><Hangup Schedule="9"/>')

    assert read.elements == (Wait(), Hangup())


@pytest.mark.statement(14)
def test_an_unknown_element_fails_the_whole_document() -> None:
    with pytest.raises(DocumentError, match="line 1: <Reject> is an unknown element"):
        document("<Speak>hello</Speak><Reject/>")


@pytest.mark.statement(15)
def test_lenient_skips_an_unknown_element_and_reads_the_rest() -> None:
    body = b"<Response><Say>hello</Say><Hangup/></Response>"

    assert parse(body, lenient=True).elements == (Hangup(),)


@pytest.mark.parametrize("tag", sorted(NOT_YET - {"Number", "User"}))
@pytest.mark.parametrize("lenient", [True, False])
def test_an_element_that_is_not_here_yet_fails_by_name_lenient_or_not(
    tag: str, *, lenient: bool
) -> None:
    body = f"<Response>\n<{tag}/></Response>".encode()

    with pytest.raises(DocumentError, match=f"does not have <{tag}> yet") as caught:
        parse(body, lenient=lenient)

    assert caught.value.line == 2


@pytest.mark.statement(16)
def test_an_unknown_attribute_is_ignored() -> None:
    read = document('<Hangup reason="busy" colour="red" xml:space="preserve"/>')

    assert read.elements == (Hangup(reason="busy"),)


@pytest.mark.statement(17)
@pytest.mark.parametrize("value", ["True", "TRUE", "1", "yes", ""])
def test_a_boolean_other_than_exactly_true_is_false(value: str) -> None:
    assert document(f'<Wait silence="{value}"/>').elements == (Wait(silence=False),)


@pytest.mark.statement(18)
@pytest.mark.parametrize(("value", "read"), [("true", True), ("false", False)])
def test_booleans_of_the_sdks_are_read(value: str, *, read: bool) -> None:
    assert document(f'<Wait silence="{value}"/>').elements == (Wait(silence=read),)


@pytest.mark.statement(20)
def test_single_quotes_and_blanks_after_commas_are_read() -> None:
    read = document("<Wait beep='duration=300, threshold=256'></Wait>")

    assert read.elements == (Wait(beep="duration=300,threshold=256"),)


@pytest.mark.statement(21)
@pytest.mark.parametrize("tag", ["Play", "Hangup", "Redirect", "Wait"])
@pytest.mark.parametrize("child", ["Speak", "Parameter"])
def test_a_child_of_a_childless_element_fails_the_document(
    tag: str, child: str
) -> None:
    with pytest.raises(DocumentError, match=f"<{child}>"):
        document(f"<{tag}>https://e.com/<{child}/></{tag}>")


@pytest.mark.statement(22)
def test_a_child_where_it_may_not_be_fails_the_document() -> None:
    with pytest.raises(DocumentError, match="<Number> may not stand in <Response>"):
        document("<Number>15550100</Number>")


@pytest.mark.statement(24)
def test_whitespace_around_bodies_is_stripped() -> None:
    read = document("<Play>\n  https://e.com/a.mp3 \t</Play>")

    assert read.elements == (Play(text="https://e.com/a.mp3"),)


@pytest.mark.statement(8)
def test_100_kb_are_read_and_no_byte_more() -> None:
    full = b"<Response><Speak>".ljust(MAX_BYTES - 19, b"a") + b"</Speak></Response>"

    assert len(full) == MAX_BYTES
    assert len(parse(full).elements) == 1
    with pytest.raises(DocumentError, match="larger than 102400 bytes"):
        parse(full + b" ")


def test_an_error_names_the_line_and_the_element() -> None:
    with pytest.raises(DocumentError) as caught:
        document('\n<Speak>hello</Speak>\n<Wait length="0"/>')

    assert caught.value.line == 3
    assert caught.value.why.startswith("<Wait>: length must be")


def test_a_prefix_that_nobody_declared_is_read_as_part_of_the_name() -> None:
    read = document(
        '<Speak>a <amazon:effect name="whispered">b</amazon:effect></Speak>'
    )

    assert read.elements == (Speak(content=("a ", "b")),)


def test_such_a_prefix_does_not_hide_a_real_error() -> None:
    with pytest.raises(DocumentError, match="EntityRef"):
        document("<Speak><amazon:effect/> & </Speak>")


def test_the_method_and_url_of_a_redirect_are_not_judged_yet() -> None:
    read = document('<Redirect method="PUT">nowhere</Redirect>')

    assert read.elements == (Redirect(text="nowhere", method="PUT"),)


def test_a_document_of_great_depth_is_refused() -> None:
    with pytest.raises(DocumentError, match="nested deeper than 32"):
        document(f"<Speak>{'<lang>' * 40}{'</lang>' * 40}</Speak>")


def test_no_file_is_read_for_an_entity() -> None:
    body = (CORPUS / "bad/external_entity.xml").read_bytes()

    with pytest.raises(DocumentError, match="document type"):
        parse(body)


async def test_text_and_attributes_of_the_root_are_ignored() -> None:
    scene = Scene()

    await scene.obey("hello <Speak>one</Speak> and <Speak>two</Speak>")

    assert scene.heard == ["one", "two"]
