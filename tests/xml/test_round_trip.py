"""What is written is what is read: every element, every attribute, any text.

The documents are made from the models, so an element of tomorrow is in them.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from voiceplat.xml.document import parse
from voiceplat.xml.element import BODY_FIELDS, Attributes, Part, spellings
from voiceplat.xml.registry import ELEMENTS, ROOT_HOLDS
from voiceplat.xml.ssml import TAGS, Content, Tag

DEPTH: Final = 3
BETWEEN: Final = ("", "\n  ", "<!-- a & b -->", "<?go on?>")

_CHARACTERS: Final = st.characters(
    exclude_categories=["Cs", "Cc"],
    exclude_characters="\ufffe\uffff",
    include_characters="\t\n\r",
)
_ANY_TEXT: Final = st.text(_CHARACTERS, max_size=12)
_SOME_TEXT: Final = _ANY_TEXT.filter(str.strip)
_USUAL: Final = (
    *("true", "false", "0", "1", "2", "5", "60", "auto", "none", "#", "GET", "PUT"),
    *("busy", "dtmf", "speech", "dtmf speech", "Polly.Amy", "https://e.com/?a=1&b=2"),
    *("1s", "strong", "fr-FR", "duration=300, threshold=256", "a,b , c", "<&>\"'", ""),
)


@cache
def _values(kind: type[Attributes], name: str) -> st.SearchStrategy[str]:
    """Such as the attribute takes, alone; any text as well as the usual ones."""

    def takes(value: str) -> bool:
        try:
            kind.model_validate({name: value})
        except ValidationError as error:
            wrong = {place for fault in error.errors() for place in fault["loc"]}
            return not wrong & {name, *spellings(kind.model_fields[name])}
        return True

    own = str(kind.model_fields[name].default)
    usual = st.sampled_from([value for value in (own, *_USUAL) if takes(value)])
    return usual | (_ANY_TEXT.filter(takes) if takes("any text") else usual)


AT_TOP = sorted(ELEMENTS.keys() & ROOT_HOLDS)


@dataclass(frozen=True)
class Written:
    """A model and the text that it is to be read from."""

    made: Any
    text: str


@st.composite
def _attributes(draw: st.DrawFn, kind: type[Attributes]) -> tuple[dict[str, str], str]:
    """Values by field, and how they are written; every field has its turn."""
    values: dict[str, str] = {}
    text = ""
    for name, field in kind.model_fields.items():
        if name in BODY_FIELDS or not (field.is_required() or draw(st.booleans())):
            continue
        values[name] = draw(_values(kind, name))
        spelled = draw(st.sampled_from(spellings(field)))
        text += f" {spelled}={quoteattr(values[name])}"
    return values, text


def _as_text(draw: st.DrawFn, text: str) -> str:
    if draw(st.booleans()) and "]]>" not in text and "\r" not in text:
        return f"<![CDATA[{text}]]>"
    return escape(text, {"\r": "&#13;"})


@st.composite
def _content(draw: st.DrawFn, holds: frozenset[str], depth: int) -> tuple[Content, str]:
    """Text and tags by turns, so that no two texts run together."""
    content: list[str | Tag] = []
    text = ""
    for _ in range(draw(st.integers(0, 3))):
        if draw(st.booleans()):
            words = draw(st.text(_CHARACTERS, min_size=1, max_size=12))
            content.append(words)
            text += _as_text(draw, words)
        if not holds or depth == 0:
            return tuple(content), text
        tag = draw(
            _tag(TAGS[draw(st.sampled_from(sorted(holds & TAGS.keys())))], depth)
        )
        content.append(tag.made)
        text += tag.text
    return tuple(content), text


@st.composite
def _tag(draw: st.DrawFn, kind: type[Tag], depth: int) -> Written:
    values, written = draw(_attributes(kind))
    content, inside = draw(_content(kind.holds, depth - 1))
    made = _made(kind, {**values, "content": content})
    return Written(made, f"<{kind.name}{written}>{inside}</{kind.name}>")


@st.composite
def _element(draw: st.DrawFn, kind: type[Part], depth: int = DEPTH) -> Written:
    values, written = draw(_attributes(kind))
    body: dict[str, object] = {}
    inside = ""
    if "content" in kind.model_fields:
        body["content"], inside = draw(_content(kind.holds, depth))
    if "text" in kind.model_fields:
        words = draw(_SOME_TEXT)
        body["text"], inside = words.strip(), _as_text(draw, words)
    if "children" in kind.model_fields and depth:
        here = sorted(kind.holds & ELEMENTS.keys())
        kinds = draw(st.lists(st.sampled_from(here), max_size=3))
        children = [draw(_element(ELEMENTS[child], depth - 1)) for child in kinds]
        body["children"] = tuple(child.made for child in children)
        inside = draw(st.sampled_from(BETWEEN)).join(child.text for child in children)
    tag = kind.tag()
    return Written(_made(kind, {**values, **body}), f"<{tag}{written}>{inside}</{tag}>")


def _made(kind: type[Attributes], values: dict[str, Any]) -> Attributes:
    try:
        return kind.model_validate(values)
    except ValidationError:
        assume(condition=False)  # values that the element refuses
        raise


@pytest.mark.parametrize("tag", AT_TOP)
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(data=st.data())
def test_an_element_is_read_as_it_is_written(tag: str, data: st.DataObject) -> None:
    written = data.draw(_element(ELEMENTS[tag]))

    read = parse(f"<Response>{written.text}</Response>".encode())

    assert read.elements == (written.made,)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_document_is_read_as_it_is_written(data: st.DataObject) -> None:
    kinds = data.draw(st.lists(st.sampled_from(AT_TOP), max_size=4))
    written = [data.draw(_element(ELEMENTS[kind])) for kind in kinds]
    between = data.draw(st.sampled_from(BETWEEN))
    body = between.join(one.text for one in written)

    read = parse(f"<Response>{body}</Response>".encode())

    assert read.elements == tuple(one.made for one in written)
