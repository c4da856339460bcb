"""The SSML tags of Speak: which may stand in which, and what of them is text.

So far every voice speaks the plain text; `sub` alone changes it.
"""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Final

from pydantic import Field

from voiceplat.xml.element import NO_EFFECT_YET, Attributes

Unused = Annotated[str, NO_EFFECT_YET]

_INLINE: Final = frozenset({"break", "emphasis", "phoneme", "prosody", "say-as", "sub"})
_PHRASE: Final = _INLINE | {"lang", "w"}
_ALL: Final = _PHRASE | {"p", "s"}


class Tag(Attributes):
    """One SSML tag; `content` is its text and tags in their order."""

    name: ClassVar[str]
    holds: ClassVar[frozenset[str]] = frozenset()
    separates: ClassVar[bool] = False
    """Whether the words before and after it are different words."""

    content: "Content" = ()


Content = tuple[str | Tag, ...]


class Break(Tag):
    name = "break"
    separates = True

    strength: Unused = "medium"
    """Pause by strength: none, x-weak, weak, medium, strong, x-strong."""
    time: Unused = ""
    """Pause by length, `Ns` or `Nms`; wins over strength."""


class Emphasis(Tag):
    name = "emphasis"
    holds = _PHRASE

    level: Unused = "moderate"
    """Stress: strong, moderate, reduced."""


class Lang(Tag):
    name = "lang"
    holds = _ALL

    xml_lang: Unused = Field(default="", alias="xml:lang")
    """Language of the enclosed text."""


class Paragraph(Tag):
    name = "p"
    holds = _PHRASE | {"s"}
    separates = True


class Phoneme(Tag):
    name = "phoneme"

    alphabet: Unused = ""
    """Phonetic alphabet: ipa, x-sampa."""
    ph: Unused = ""
    """Pronunciation."""


class Prosody(Tag):
    name = "prosody"
    holds = _ALL

    volume: Unused = ""
    """Loudness."""
    rate: Unused = ""
    """Speed."""
    pitch: Unused = ""
    """Pitch."""


class Sentence(Tag):
    name = "s"
    holds = _PHRASE
    separates = True


class SayAs(Tag):
    name = "say-as"

    interpret_as: Unused = Field(default="", alias="interpret-as")
    """How the text is to be read."""
    format: Unused = ""
    """Field order of a date."""


class Sub(Tag):
    name = "sub"

    alias: str = ""
    """Text spoken instead."""


class Word(Tag):
    name = "w"
    holds = _INLINE

    role: Unused = ""
    """Part of speech."""


TAGS: Final = {
    tag.name: tag
    for tag in (
        Break,
        Emphasis,
        Lang,
        Paragraph,
        Phoneme,
        Prosody,
        Sentence,
        SayAs,
        Sub,
        Word,
    )
}

for _tag in (Tag, *TAGS.values()):
    _tag.model_rebuild()


def plain_text(content: Content, *, ssml: bool) -> str:
    """What is said, whitespace folded; with `ssml` the tags have their meaning."""
    return " ".join("".join(_pieces(content, ssml=ssml)).split())


def _pieces(content: Content, *, ssml: bool) -> Iterator[str]:
    for part in content:
        match part:
            case str():
                yield part
            case Sub(alias=alias) if ssml and alias:
                yield alias
            case Tag(separates=True):
                yield " "
                yield from _pieces(part.content, ssml=ssml)
                yield " "
            case Tag():
                yield from _pieces(part.content, ssml=ssml)
