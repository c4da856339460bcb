"""What every XML element is: a frozen model of its attributes, and what it does.

The field names are the attributes' names in snake case; the parser knows them by their
camelCase aliases. Three names are not attributes: `text` is the stripped body,
`children` the elements inside, `content` text and SSML tags in their order.
"""

from abc import abstractmethod
from enum import Enum, auto
from functools import cache
from typing import Annotated, ClassVar, Final, Protocol

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

from voiceplat.calls.outcome import Outcome
from voiceplat.calls.session import CallSession


class Needs(Enum):
    """What must be so before an element runs; the interpreter brings it about."""

    ANSWERED = auto()
    EARLY_MEDIA = auto()
    """Audio can be played, before or after the answer."""
    NOTHING = auto()


class _NoEffectYet:
    """Marks an attribute that is read and checked, and changes nothing so far."""


NO_EFFECT_YET: Final = _NoEffectYet()

BODY_FIELDS: Final = frozenset({"text", "children", "content"})


class Attributes(BaseModel):
    """Reading attributes by their names on the wire; unknown ones are ignored."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        use_attribute_docstrings=True,
    )


@cache
def attributes_of(kind: type[Attributes]) -> dict[str, str]:
    """Field name by attribute name, every accepted spelling."""
    return {
        spelling: name
        for name, field in kind.model_fields.items()
        if name not in BODY_FIELDS
        for spelling in spellings(field)
    }


@cache
def body_of(kind: type[Attributes]) -> frozenset[str]:
    """Its fields that are no attributes."""
    return BODY_FIELDS & kind.model_fields.keys()


def spellings(field: FieldInfo) -> list[str]:
    """The names of an attribute on the wire; the first is the documented one."""
    match field.validation_alias:
        case AliasChoices(choices=choices):
            return [str(choice) for choice in choices]
        case alias:
            return [str(alias)]


def has_effect(field: FieldInfo) -> bool:
    return NO_EFFECT_YET not in field.metadata


class Step(Protocol):
    """Something that can run, prepared."""

    async def execute(self, call: CallSession) -> Outcome: ...


class Part(Attributes):
    """An element as it is written; the class's name is its tag."""

    holds: ClassVar[frozenset[str]] = frozenset()
    """Names of the elements that may stand inside, this server's and later ones."""

    @classmethod
    def tag(cls) -> str:
        return cls.__name__


class Element(Part):
    """One that runs; others, such as a Dial's callees, belong to one that does."""

    needs: ClassVar[Needs] = Needs.ANSWERED

    async def prepare(self, call: CallSession) -> Step:
        """What can be done while the caller still hears ringing; then what is left."""
        _ = call
        return self

    @abstractmethod
    async def execute(self, call: CallSession) -> Outcome:
        """Run to the end. Raises CallEnded when the far end is gone."""


def _not_blank(text: str) -> str:
    if not text:
        raise ValueError("its body is missing")
    return text


RequiredText = Annotated[str, AfterValidator(_not_blank)]
"""For `text` where a missing body fails the document."""
