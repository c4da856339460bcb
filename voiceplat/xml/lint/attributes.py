"""Rules for attributes: names, values that count otherwise, methods, URLs.

They go by what was written and what was read of it, so that an element of tomorrow
needs no rule of its own.
"""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Final

from voiceplat.xml.document import Made, Source
from voiceplat.xml.element import (
    Attributes,
    Element,
    attributes_of,
    body_of,
    has_effect,
)
from voiceplat.xml.elements.preanswer import PreAnswer
from voiceplat.xml.elements.redirect import Redirect
from voiceplat.xml.lint import kinds
from voiceplat.xml.lint.finding import Finding, shortened
from voiceplat.xml.lint.page import Page, Seen
from voiceplat.xml.values import METHODS, is_web_url, whole_number

STATEMENTS: Final = {
    ("Conference", "maxMembers"): 196,
    ("DTMF", ""): 287,
    ("DTMF", "digits"): 287,
    ("GetDigits", "numDigits"): 113,
    ("GetInput", "executionTimeout"): 130,
    ("GetInput", "digitEndTimeout"): 131,
    ("GetInput", "speechEndTimeout"): 131,
    ("GetInput", "numDigits"): 133,
    ("GetInput", "speechModel"): 134,
    ("Hangup", "reason"): 258,
    ("Play", "loop"): 77,
    ("Speak", "loop"): 77,
}
"""What the specification says of values that count otherwise; no name: the body."""

_BOOLEAN: Final = 17
_CASE_MATTERS: Final = 13
_PREANSWER_TAKES_NONE: Final = 282
_W3C: Final = "{http://www.w3.org/"
_ALIKE: Final = 0.7
_SOUNDS: Final = frozenset(
    {"action", "confirmSound", "invalidDigitsSound", "waitSound"}
)
_URL_ENDINGS: Final = ("Url", "Callback")


def unknown_attributes(seen: Seen, page: Page) -> Iterator[Finding]:
    """Names that the element does not have, and what may have been meant."""
    _ = page
    if seen.made is None:
        return
    known = _known(seen.made)
    for name in seen.source.attributes:
        if name in known or name.startswith(_W3C):
            continue
        meant = next((it for it in known if it.casefold() == name.casefold()), "")
        statement = _CASE_MATTERS if meant else None
        if isinstance(seen.made, PreAnswer):
            statement = _PREANSWER_TAKES_NONE
        close = meant or next(iter(get_close_matches(name, known, 1, _ALIKE)), "")
        what = f"the attribute {shortened(name)} is unknown and ignored"
        if close:
            what += f": did you mean {close}?"
        yield kinds.UNKNOWN_ATTRIBUTE.at(seen.source, what, statement=statement)


def values_that_count_otherwise(seen: Seen, page: Page) -> Iterator[Finding]:
    """Compares what was written with what was read of it."""
    _ = page
    if not isinstance(seen.made, Element):
        return
    for name, written, read in _pairs(seen.made, seen.source):
        if _means(written, read):
            continue
        known = STATEMENTS.get((seen.source.tag, name))
        yield kinds.COUNTS_OTHERWISE.at(
            seen.source,
            f'{name}="{shortened(written)}" counts as {_shown(read)}',
            statement=_BOOLEAN if isinstance(read, bool) else known,
        )
    if "text" in body_of(type(seen.made)):
        yield from _body_that_counts_otherwise(seen)


def _body_that_counts_otherwise(seen: Seen) -> Iterator[Finding]:
    read = str(getattr(seen.made, "text", ""))
    if read != seen.source.text:
        what = f'"{shortened(seen.source.text)}" counts as {_shown(read)}'
        known = STATEMENTS.get((seen.source.tag, ""))
        yield kinds.COUNTS_OTHERWISE.at(seen.source, what, statement=known)


def attributes_without_effect(seen: Seen, page: Page) -> Iterator[Finding]:
    _ = page
    if not isinstance(seen.made, Element):
        return
    fields = type(seen.made).model_fields
    for name in seen.source.attributes:
        field = attributes_of(type(seen.made)).get(name)
        if field and not has_effect(fields[field]):
            what = f"{name} has no effect on this server yet"
            yield kinds.NO_EFFECT_YET.at(seen.source, what)
        if name == "log" and field:
            what = "digits and speech are in no log of this server, whatever log says"
            yield kinds.LOG.at(seen.source, what)


def methods(seen: Seen, page: Page) -> Iterator[Finding]:
    """Judged when the request is made: then it is too late for the call."""
    _ = page
    if not isinstance(seen.made, Element):
        return
    for name, value in _known_attributes(seen):
        if not name.casefold().endswith("method") or value.strip().upper() in METHODS:
            continue
        what = f'{name}="{shortened(value)}" is neither GET nor POST'
        if isinstance(seen.made, Redirect):
            what += ": the call ends when it comes here"
            yield kinds.METHOD.at(seen.source, what, cause=7034)
        elif name == "method" and _jumps(seen.made):
            what += ": the call ends when the action is requested"
            yield kinds.METHOD.at(seen.source, what, cause=7032, statement=19)
        else:
            yield kinds.METHOD.at(seen.source, what + ": the request is never made")


def urls(seen: Seen, page: Page) -> Iterator[Finding]:
    """Attributes and bodies that must be absolute http(s) URLs."""
    _ = page
    if not isinstance(seen.made, Element):
        return
    if isinstance(seen.made, Redirect) and not is_web_url(seen.made.text):
        what = f'"{shortened(seen.made.text)}" is no http(s) URL'
        what += ": the call ends when it comes here"
        yield kinds.WEB_URL.at(seen.source, what, cause=7024, statement=268)
    for name, value in _known_attributes(seen):
        if not _holds_url(name) or not value.strip() or is_web_url(value.strip()):
            continue
        what = f'{name}="{shortened(value)}" is no http(s) URL'
        if name == "action" and _jumps(seen.made):
            what += ": the call ends when it is requested"
            yield kinds.WEB_URL.at(seen.source, what, cause=7022, statement=29)
        else:
            yield kinds.WEB_URL.at(seen.source, what + ": it is never requested")


def _known(made: Made) -> Mapping[str, str]:
    return attributes_of(type(made)) if isinstance(made, Attributes) else {}


def _known_attributes(seen: Seen) -> Iterator[tuple[str, str]]:
    known = _known(seen.made) if seen.made else {}
    return ((n, value) for n, value in seen.source.attributes.items() if n in known)


def _pairs(made: Attributes, source: Source) -> Iterator[tuple[str, str, object]]:
    for name, field in attributes_of(type(made)).items():
        if name in source.attributes:
            yield name, source.attributes[name], getattr(made, field)


def _means(written: str, read: object) -> bool:
    """Whether the value is what was written; of types unknown here: yes."""
    match read:
        case bool():
            return written == str(read).lower()
        case int():
            return whole_number(written) == read
        case str():
            return _plain(written) == _plain(read)
        case None:
            return _plain(written) in ("", "auto")
        case _:
            return True


def _plain(text: str) -> str:
    """Without what makes no difference; `none` is how attributes say nothing."""
    items = (" ".join(sorted(item.casefold().split())) for item in text.split(","))
    return ",".join(items).replace("none", "")


def _shown(read: object) -> str:
    if isinstance(read, bool):
        return str(read).lower()
    return "not given" if read in ("", None) else shortened(str(read))


def _holds_url(name: str) -> bool:
    return name in _SOUNDS or name.endswith(_URL_ENDINGS)


def _jumps(made: Element) -> bool:
    """Whether its action's answer is run instead of the rest."""
    return bool(getattr(made, "redirect", False))
