"""Text to elements: what may stand where, and what each element makes of it.

A document is judged whole before anything of it runs (plivo-xml 2.1, 2.2): form, root,
names, nesting, bodies, and the values whose faults are format errors.

The first fault ends the reading, unless there is a witness (`voiceplat lint`): it hears
of every fault and of everything that was read or passed over.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, NamedTuple, Protocol, TypeVar, cast

import structlog
from pydantic import ValidationError

from voiceplat.core.errors import DocumentError
from voiceplat.xml.element import (
    BODY_FIELDS,
    Attributes,
    Element,
    Part,
    attributes_of,
    body_of,
    spellings,
)
from voiceplat.xml.faults import Fault
from voiceplat.xml.registry import ELEMENTS, KNOWN, NOT_YET, ROOT, ROOT_HOLDS
from voiceplat.xml.ssml import TAGS, Content, Tag
from voiceplat.xml.tree import Node, inner_text, line_of, read_tree

log = structlog.get_logger()

MAX_BYTES: Final = 100 * 1024

_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_SKIPPED_SHOWN: Final = 10
_ATTRIBUTES_SHOWN: Final = 100
"""Of an element. lxml looks for each from the first one on: all would be a square."""

Read = TypeVar("Read", Part, Tag)


@dataclass(frozen=True, slots=True)
class Source:
    """One element as it is written."""

    tag: str
    parent: str
    """The tag around it; empty for the root."""
    line: int
    attributes: Mapping[str, str]
    text: str
    """All text that stands directly in it, stripped."""


class Written(NamedTuple):
    """One top-level element as it is written, for people."""

    tag: str
    attributes: Mapping[str, str]
    text: str
    """What stands in it, its elements as XML."""


@dataclass(frozen=True, slots=True)
class Document:
    elements: tuple[Element, ...]
    written: tuple[Written, ...]
    """The same ones."""


Made = Document | Part | Tag


class Witness(Protocol):
    """Is told what became of a text; a call's documents have none."""

    def saw(self, made: Made | None, source: Source) -> None:
        """`source` was read as `made`, or passed over (None). Inner ones come first."""

    def failed(self, error: DocumentError) -> None:
        """Hear a fault; the rest is judged all the same."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One document on its way: the rules, and what was found."""

    lenient: bool
    context: Mapping[str, bool]
    """What the elements' own rules may depend on."""
    witness: Witness | None
    skipped: set[str] = field(default_factory=set)
    bare: dict[type[Attributes], Part | Tag] = field(default_factory=dict)
    """Those that say nothing: one `<s/>` is as good as twenty thousand."""
    faults: list[DocumentError] = field(default_factory=list)

    def fails(self, error: DocumentError) -> None:
        """Raise it, unless somebody wants to hear the rest."""
        if self.witness is None:
            raise error
        self.faults.append(error)
        self.witness.failed(error)

    def saw(self, made: Made | None, node: Node) -> None:
        if made is None:
            self.skipped.add(_name(node))
        if self.witness is not None:
            self.witness.saw(made, _source(node))


def parse(
    body: bytes,
    *,
    lenient: bool = False,
    strict_voices: bool = False,
    max_bytes: int = MAX_BYTES,
    witness: Witness | None = None,
) -> Document:
    """The document in `body`, every element checked. Raises DocumentError.

    `lenient` skips top-level elements that nobody knows; `strict_voices` refuses a
    Speak whose voice and language nobody has. The error is the first fault, whether or
    not a `witness` hears of more.
    """
    reading = _Reading(lenient, {"strict_voices": strict_voices}, witness)
    try:
        document = _document(body, reading, max_bytes)
    except DocumentError as error:
        if witness is not None:
            witness.failed(error)
        raise
    if reading.faults:
        raise reading.faults[0]
    if reading.skipped:
        log.warning("tags_skipped", tags=sorted(reading.skipped)[:_SKIPPED_SHOWN])
    return document


def _document(body: bytes, reading: _Reading, max_bytes: int) -> Document:
    if len(body) > max_bytes:
        why = f"the document is larger than {max_bytes} bytes"
        raise DocumentError(why, fault=Fault.TOO_LARGE)
    root = read_tree(body, _usual_names())
    if root.tag != ROOT:
        why = f"the root must be <{ROOT}>, not <{_name(root)}>"
        raise _error(root, Fault.ROOT, why)
    found = [
        (it, node)
        for it, node in _elements(root, ROOT_HOLDS, reading)
        if isinstance(it, Element)
    ]
    document = Document(
        elements=tuple(it for it, _ in found),
        written=tuple(_written(node) for _, node in found),
    )
    reading.saw(document, root)
    return document


@cache
def _usual_names() -> frozenset[str]:
    kinds = (*ELEMENTS.values(), *TAGS.values())
    return (
        KNOWN | TAGS.keys() | {name for kind in kinds for name in attributes_of(kind)}
    )


def _elements(
    parent: Node, holds: frozenset[str], reading: _Reading
) -> Iterator[tuple[Part, Node]]:
    for node in parent:
        name = _name(node)
        if name not in KNOWN:
            _pass_over(node, parent, holds, reading)
        elif name not in holds:
            reading.fails(_misplaced(node, parent, holds))
        elif name in NOT_YET:
            have = ", ".join(sorted(ELEMENTS))
            why = f"this server does not have <{name}> yet, only {have}"
            reading.fails(_error(node, Fault.NOT_HERE_YET, why))
        elif element := _element(node, ELEMENTS[name], reading):
            yield element, node


def _pass_over(
    node: Node, parent: Node, holds: frozenset[str], reading: _Reading
) -> None:
    """Skip an element that is not Plivo's, where that is allowed."""
    name = _name(node)
    if not holds:
        reading.fails(_misplaced(node, parent, holds))
    elif parent.getparent() is None and not reading.lenient:
        why = f"<{name}> is an unknown element"
        reading.fails(_error(node, Fault.UNKNOWN_ELEMENT, why))
    else:
        reading.saw(None, node)


def _misplaced(node: Node, parent: Node, holds: frozenset[str]) -> DocumentError:
    why = f"<{_name(node)}> may not stand in <{_name(parent)}>"
    if holds:
        return _error(node, Fault.MISPLACED_ELEMENT, why)
    return _error(node, Fault.TAKES_NO_ELEMENTS, f"{why}, which takes no elements")


def _element(node: Node, kind: type[Part], reading: _Reading) -> Part | None:
    """The element; None when it fails the document and the reading goes on."""
    if (bare := _bare(node, kind, reading)) is not None:
        return bare
    values: dict[str, Any] = dict(_attributes(node, kind))
    body = body_of(kind)
    if "content" in body:
        values["content"] = _content(node, kind.holds, reading)
    else:
        children = tuple(it for it, _ in _elements(node, kind.holds, reading))
        if "children" in body:
            values["children"] = children
    if "text" in body:
        values["text"] = (node.text or "").strip()
    return _validated(node, kind, values, reading)


def _content(parent: Node, holds: frozenset[str], reading: _Reading) -> Content:
    if len(parent):
        return tuple(_pieces(parent, holds, reading))
    return (parent.text,) if parent.text else ()


def _pieces(
    parent: Node, holds: frozenset[str], reading: _Reading
) -> Iterator[str | Tag]:
    """Text and SSML tags in their order; a tag nobody knows is its text alone."""
    if parent.text:
        yield parent.text
    for node in parent:
        name = _name(node)
        if name in KNOWN or (name in TAGS and name not in holds):
            reading.fails(_misplaced(node, parent, holds))
        elif name in TAGS:
            if tag := _ssml(node, TAGS[name], reading):
                yield tag
        else:
            yield from _pieces(node, holds, reading)
            reading.saw(None, node)
        if node.tail:
            yield node.tail


def _ssml(node: Node, kind: type[Tag], reading: _Reading) -> Tag | None:
    if (bare := _bare(node, kind, reading)) is not None:
        return bare
    content = _content(node, kind.holds, reading)
    values = {**_attributes(node, kind), "content": content}
    return _validated(node, kind, values, reading)


def _bare(node: Node, kind: type[Read], reading: _Reading) -> Read | None:
    """One that says nothing, if another one of its kind was read."""
    made = reading.bare.get(kind)
    if made is None or len(node) or node.text or node.keys():
        return None
    return cast("Read", made)


def _validated(
    node: Node, kind: type[Read], values: dict[str, Any], reading: _Reading
) -> Read | None:
    """None when a value fails the document and the reading goes on."""
    bare = values.keys() <= BODY_FIELDS and not any(values.values())
    bare = bare and reading.witness is None  # who asks where each of them stands
    try:
        made = kind.model_validate(values, context=reading.context)
    except ValidationError as error:
        for fault in _format_errors(node, kind, error):
            reading.fails(fault)
        return None
    if bare:
        reading.bare[kind] = made
    reading.saw(made, node)
    return made


def _attributes(node: Node, kind: type[Attributes]) -> dict[str, str]:
    """Values by field name; unknown attributes are left out (16).

    Names first: lxml looks for each value from the first attribute on, and a document
    has room for thousands.
    """
    names = cast("list[str]", node.keys())
    if not names:
        return {}
    fields = attributes_of(kind)
    return {
        fields[spelled]: str(node.get(name, ""))
        for name in names
        if (spelled := _spelled(name)) in fields
    }


def _spelled(name: str) -> str:
    return "xml:lang" if name == _XML_LANG else name


def _source(node: Node) -> Source:
    parent = node.getparent()
    tails = [child.tail or "" for child in node]
    return Source(
        tag=_name(node),
        parent="" if parent is None else _name(parent),
        line=line_of(node),
        attributes={_spelled(n): v for n, v in _shown(node).items()},
        text="".join([node.text or "", *tails]).strip(),
    )


def _shown(node: Node) -> dict[str, str]:
    names = cast("list[str]", node.keys())[:_ATTRIBUTES_SHOWN]
    return {name: str(node.get(name, "")) for name in names}


def _written(node: Node) -> Written:
    attributes = _shown(node) if node.keys() else {}
    text = inner_text(node) if len(node) else (node.text or "").strip()
    return Written(str(node.tag), attributes, text)


def _name(node: Node) -> str:
    return str(node.tag)


def _format_errors(
    node: Node, kind: type[Attributes], error: ValidationError
) -> Iterator[DocumentError]:
    """One for each of the element's values that is wrong."""
    for fault in error.errors(include_url=False, include_context=False):
        place = str(next(iter(fault["loc"]), ""))
        why = fault["msg"].removeprefix("Value error, ")
        yield DocumentError(
            f"<{_name(node)}>: {why}",
            line=line_of(node),
            fault=Fault.FORMAT,
            element=_name(node),
            attribute=_documented(kind, place),
        )


def _documented(kind: type[Attributes], place: str) -> str:
    """The attribute's name on the wire; empty for a body or the whole element."""
    if place in BODY_FIELDS or place not in kind.model_fields:
        return "" if place in BODY_FIELDS else place
    return spellings(kind.model_fields[place])[0]


def _error(node: Node, fault: Fault, why: str) -> DocumentError:
    return DocumentError(why, line=line_of(node), fault=fault, element=_name(node))
