"""What a call would do with a document, as a tree that a person reads."""

from collections.abc import Iterator, Sequence

from voiceplat.xml.document import Document, Source
from voiceplat.xml.element import Element, attributes_of
from voiceplat.xml.elements.speak import Speak
from voiceplat.xml.lint.finding import shortened
from voiceplat.xml.lint.flow import stop
from voiceplat.xml.lint.page import Page
from voiceplat.xml.lint.speaking import words_of


def outline(document: Document, page: Page) -> Iterator[str]:
    """The elements that run, in order, with their lines, and how it ends."""
    runs = _until_the_stop(document.elements)
    width = len(str(max((source.line for _, source in _walk(runs, page)), default=1)))
    for lead, element in _branches(runs):
        source = page.source(element)
        yield f"{source.line:>{width}}  {lead}{_told(element, source)}"
    yield f"{'':>{width}}  {_ending(runs)}"


def _branches(runs: Sequence[Element], lead: str = "") -> Iterator[tuple[str, Element]]:
    for element in runs:
        yield lead, element
        children = _until_the_stop(_children(element))
        for below in children:
            elbow = "└─ " if below is children[-1] else "├─ "
            yield from _branches([below], lead + elbow)


def _until_the_stop(elements: Sequence[Element]) -> Sequence[Element]:
    for at, element in enumerate(elements):
        if stop(element):
            return elements[: at + 1]
    return elements


def _walk(runs: Sequence[Element], page: Page) -> Iterator[tuple[Element, Source]]:
    for element in runs:
        yield element, page.source(element)
        yield from _walk(_children(element), page)


def _children(element: Element) -> Sequence[Element]:
    children: Sequence[Element] = getattr(element, "children", ())
    return children


def _told(element: Element, source: Source) -> str:
    known = attributes_of(type(element))
    words = [
        f'{name}="{shortened(value)}"'
        for name, value in source.attributes.items()
        if name in known
    ]
    text = _text(element)
    if text:
        words.append(f"“{shortened(text)}”")
    return " ".join([source.tag, *words])


def _text(element: Element) -> str:
    if isinstance(element, Speak):
        return words_of(element)
    return str(getattr(element, "text", ""))


def _ending(runs: Sequence[Element]) -> str:
    last = stop(runs[-1]) if runs else None
    if last:
        return f"… {type(last.element).tag()} {last.why}."
    return "… then the call is hung up: 4010, End Of XML Instructions."
