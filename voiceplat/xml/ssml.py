"""The SSML tags of Speak: their attributes, and which may stand in which.

What the values mean is read when they are spoken (`xml/scripting.py`): with a basic
voice no tag has a meaning, so nothing in one can be wrong.
"""

from typing import ClassVar, Final

from pydantic import Field

from voiceplat.xml.element import Attributes

_INLINE: Final = frozenset({"break", "emphasis", "phoneme", "prosody", "say-as", "sub"})
_PHRASE: Final = _INLINE | {"lang", "w"}
_ALL: Final = _PHRASE | {"p", "s"}


class Tag(Attributes):
    """One SSML tag; `content` is its text and tags in their order."""

    name: ClassVar[str]
    holds: ClassVar[frozenset[str]] = frozenset()
    pause_s: ClassVar[float | None] = None
    """How long the voice rests before and after it; 0 only separates words."""

    content: "Content" = ()


Content = tuple[str | Tag, ...]


class Break(Tag):
    name = "break"
    pause_s = 0.0

    strength: str = "medium"
    """Pause by strength: none, x-weak, weak, medium, strong, x-strong."""
    time: str = ""
    """Pause by length, `Ns` or `Nms`; wins over strength."""


class Emphasis(Tag):
    name = "emphasis"
    holds = _PHRASE

    level: str = "moderate"
    """Stress: strong, moderate, reduced."""


class Lang(Tag):
    name = "lang"
    holds = _ALL

    xml_lang: str = Field(default="", alias="xml:lang")
    """Language of the enclosed text."""


class Paragraph(Tag):
    name = "p"
    holds = _PHRASE | {"s"}
    pause_s = 0.8


class Phoneme(Tag):
    name = "phoneme"

    alphabet: str = ""
    """Phonetic alphabet: ipa, x-sampa."""
    ph: str = ""
    """Pronunciation."""


class Prosody(Tag):
    name = "prosody"
    holds = _ALL

    volume: str = ""
    """Loudness."""
    rate: str = ""
    """Speed."""
    pitch: str = ""
    """Pitch."""


class Sentence(Tag):
    name = "s"
    holds = _PHRASE
    pause_s = 0.4


class SayAs(Tag):
    name = "say-as"

    interpret_as: str = Field(default="", alias="interpret-as")
    """How the text is to be read."""
    format: str = ""
    """Field order of a date."""


class Sub(Tag):
    name = "sub"

    alias: str = ""
    """Text spoken instead."""


class Word(Tag):
    name = "w"
    holds = _INLINE

    role: str = ""
    """Part of speech; the voices go by the sentence, so it is accepted and not used."""


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
