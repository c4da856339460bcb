"""Text to elements: the only file that knows XML.

A document is judged whole before anything of it runs (plivo-xml 2.1, 2.2): form, root,
names, nesting, bodies, and the values whose faults are format errors. Entities are not
resolved, document types are refused, nothing is fetched.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, cast

import structlog
from lxml import etree
from pydantic import ValidationError

from voiceplat.core.errors import DocumentError
from voiceplat.xml.element import Attributes, Element, attributes_of
from voiceplat.xml.registry import ELEMENTS, KNOWN, NOT_YET, ROOT, ROOT_HOLDS
from voiceplat.xml.ssml import TAGS, Content, Tag

log = structlog.get_logger()

MAX_BYTES: Final = 100 * 1024
MAX_DEPTH: Final = 32

_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_SKIPPED_SHOWN: Final = 10
_UNDECLARED_PREFIX: Final = "NS_ERR_UNDEFINED_NAMESPACE"

_Node = etree._Element  # noqa: SLF001 - lxml's only name for the type


@dataclass(frozen=True, slots=True)
class Document:
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """One document on its way: the rules, and what was passed over."""

    lenient: bool
    strict_voices: bool
    skipped: set[str] = field(default_factory=set)


def parse(
    body: bytes,
    *,
    lenient: bool = False,
    strict_voices: bool = False,
    max_bytes: int = MAX_BYTES,
) -> Document:
    """The document in `body`, every element checked. Raises DocumentError.

    `lenient` skips top-level elements that nobody knows; `strict_voices` refuses a
    Speak whose voice and language nobody has.
    """
    if len(body) > max_bytes:
        raise DocumentError(f"the document is larger than {max_bytes} bytes")
    root = _tree(body)
    if root.tag != ROOT:
        raise _error(root, f"the root must be <{ROOT}>, not <{_name(root)}>")
    reading = _Reading(lenient=lenient, strict_voices=strict_voices)
    document = Document(tuple(_elements(root, ROOT_HOLDS, reading)))
    if reading.skipped:
        log.warning("tags_skipped", tags=sorted(reading.skipped)[:_SKIPPED_SHOWN])
    return document


def _tree(body: bytes) -> _Node:
    parser = _parser(recover=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        # A prefix nobody declared (`<amazon:effect>`) is well-formed XML 1.0: read on.
        # The error's own log is the thread's, with faults of earlier documents.
        faults = list(cast("Iterable[Any]", parser.error_log))
        real = [it for it in faults if it.type_name != _UNDECLARED_PREFIX]
        if real or not faults:
            why = real[0].message if real else str(error.msg)
            line = real[0].line if real else 0
            raise DocumentError(why, line=line) from error
        root = etree.fromstring(body, _parser(recover=True))
    if root.getroottree().docinfo.internalDTD is not None:
        raise DocumentError("a document type declaration is not allowed")
    _refuse_depth(root)
    return root


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )


def _refuse_depth(root: _Node) -> None:
    depth = 0
    for event, node in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise _error(node, f"elements are nested deeper than {MAX_DEPTH}")


def _elements(
    parent: _Node, holds: frozenset[str], reading: _Reading
) -> Iterator[Element]:
    for node in parent:
        name = _name(node)
        if name not in KNOWN:
            _pass_over(node, parent, holds, reading)
            continue
        if name not in holds:
            raise _error(node, f"<{name}> may not stand in <{_name(parent)}>")
        if name in NOT_YET:
            have = ", ".join(sorted(ELEMENTS))
            raise _error(node, f"this server does not have <{name}> yet, only {have}")
        yield _element(node, ELEMENTS[name], reading)


def _pass_over(
    node: _Node, parent: _Node, holds: frozenset[str], reading: _Reading
) -> None:
    """Skip an element that is not Plivo's, where that is allowed."""
    name = _name(node)
    if not holds:
        raise _error(node, f"<{_name(parent)}> takes no elements, <{name}> is inside")
    if parent.getparent() is None and not reading.lenient:
        raise _error(node, f"<{name}> is an unknown element")
    reading.skipped.add(name)


def _element(node: _Node, kind: type[Element], reading: _Reading) -> Element:
    values: dict[str, Any] = dict(_attributes(node, kind))
    if "content" in kind.model_fields:
        values["content"] = tuple(_content(node, kind.holds, reading))
    else:
        children = tuple(_elements(node, kind.holds, reading))
        if "children" in kind.model_fields:
            values["children"] = children
    if "text" in kind.model_fields:
        values["text"] = (node.text or "").strip()
    context = {"strict_voices": reading.strict_voices}
    try:
        return kind.model_validate(values, context=context)
    except ValidationError as error:
        raise _error(node, f"<{_name(node)}>: {_first_fault(error)}") from error


def _content(
    parent: _Node, holds: frozenset[str], reading: _Reading
) -> Iterator[str | Tag]:
    """Text and SSML tags in their order; a tag nobody knows is its text alone."""
    if parent.text:
        yield parent.text
    for node in parent:
        name = _name(node)
        if name in KNOWN or (name in TAGS and name not in holds):
            raise _error(node, f"<{name}> may not stand in <{_name(parent)}>")
        if name in TAGS:
            yield _ssml(node, TAGS[name], reading)
        else:
            reading.skipped.add(name)
            yield from _content(node, holds, reading)
        if node.tail:
            yield node.tail


def _ssml(node: _Node, kind: type[Tag], reading: _Reading) -> Tag:
    content: Content = tuple(_content(node, kind.holds, reading))
    return kind.model_validate({**_attributes(node, kind), "content": content})


def _attributes(node: _Node, kind: type[Attributes]) -> dict[str, str]:
    """Values by field name; unknown attributes are left out (16)."""
    fields = attributes_of(kind)
    written = {
        "xml:lang" if name == _XML_LANG else str(name): str(value)
        for name, value in node.attrib.items()
    }
    return {fields[name]: value for name, value in written.items() if name in fields}


def _name(node: _Node) -> str:
    return str(node.tag)


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_context=False)[0]
    return fault["msg"].removeprefix("Value error, ")


def _error(node: _Node, why: str) -> DocumentError:
    return DocumentError(why, line=_line(node))


def _line(node: _Node) -> int:
    """Counted from 1; lxml says None of a node that was not parsed."""
    line: object = node.sourceline
    return line if isinstance(line, int) else 0
