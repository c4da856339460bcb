"""Bytes to a tree of nodes: the only file that parses XML.

Entities are not resolved, document types are refused, nothing is fetched, what goes too
deep is refused.

libxml2 keeps every name that a thread has ever read, until the thread ends. So a text
with names that are not ours is read in a thread of its own, and its names go with it;
any other is read at once, since a thread may wait long for its turn.
"""

import re
from collections.abc import Iterable
from threading import Thread
from typing import Any, Final, cast

from lxml import etree

from voiceplat.core.errors import DocumentError
from voiceplat.xml.faults import OF_SYNTAX, Fault

MAX_DEPTH: Final = 32

Node = etree._Element  # noqa: SLF001 - lxml's only name for the type

_TOO_DEEP: Final = etree.XPath(f"({'/*' * (MAX_DEPTH + 1)})[1]")
_UNDECLARED_PREFIX: Final = "NS_ERR_UNDEFINED_NAMESPACE"
_NAME: Final = re.compile(
    rb"""<(?!!--|!\[CDATA\[)/?([^\s<>/]++) | (?<=\s)([^\s<>="']++)\s*+=\s*+["']""",
    re.VERBOSE,
)
_DECLARATION: Final = frozenset({"?xml", "version", "encoding", "standalone"})
_SHORT: Final = 16 * 1024
"""Short texts are kept like names; a long document has room for many of them."""


def read_tree(body: bytes, usual: frozenset[str]) -> Node:
    """The root of the tree; `usual` names may stay in memory. Raises DocumentError."""
    if not body.strip():
        raise DocumentError("the text is empty", fault=Fault.EMPTY)
    if len(body) <= _SHORT and _names(body) <= usual | _DECLARATION:
        return _tree(body)
    return _in_a_thread_of_its_own(body)


def _names(body: bytes) -> set[str]:
    """What look like names of elements and attributes; no others are read as such."""
    found = {tag or attribute for tag, attribute in _NAME.findall(body)}
    return {name.decode(errors="replace") for name in found}


def _in_a_thread_of_its_own(body: bytes) -> Node:
    outcome: list[Node | DocumentError] = []

    def read() -> None:
        try:
            outcome.append(_tree(body))
        except DocumentError as error:
            outcome.append(error)

    thread = Thread(target=read, name="strange-document")
    thread.start()
    thread.join()
    (made,) = outcome
    if isinstance(made, DocumentError):
        raise made
    return made


def _tree(body: bytes) -> Node:
    parser = _parser(recover=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        # A prefix nobody declared (`<amazon:effect>`) is well-formed XML 1.0: read on.
        # The error's own log is the thread's, with faults of earlier documents.
        faults = list(cast("Iterable[Any]", parser.error_log))
        real = [it for it in faults if it.type_name != _UNDECLARED_PREFIX]
        if real or not faults:
            raise _syntax_error(body, real, str(error.msg)) from error
        root = etree.fromstring(body, _parser(recover=True))
    if root.getroottree().docinfo.internalDTD is not None:
        why = "a document type declaration is not allowed"
        raise DocumentError(why, line=1, fault=Fault.DOCTYPE)
    _refuse_depth(root)
    return root


def _syntax_error(body: bytes, faults: list[Any], message: str) -> DocumentError:
    """From what libxml2 says; its first fault is the cause of the others."""
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return DocumentError("no XML begins like this", line=1, fault=Fault.NOT_XML)
    if not faults:
        return DocumentError(message, fault=Fault.SYNTAX)
    first = faults[0]
    fault = OF_SYNTAX.get(first.type_name, Fault.SYNTAX)
    return DocumentError(first.message, line=first.line, fault=fault)


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


def _refuse_depth(root: Node) -> None:
    for node in cast("list[Node]", _TOO_DEEP(root)):
        why = f"elements are nested deeper than {MAX_DEPTH}"
        tag = str(node.tag)
        raise DocumentError(why, line=line_of(node), fault=Fault.TOO_DEEP, element=tag)


def line_of(node: Node) -> int:
    """Counted from 1; lxml says None of a node that was not parsed."""
    line: object = node.sourceline
    return line if isinstance(line, int) else 0


def inner_text(node: Node) -> str:
    """What stands in it, its elements as XML."""
    inner = [str(etree.tostring(child, encoding="unicode")) for child in node]
    return "".join([node.text or "", *inner]).strip()
