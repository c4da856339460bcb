"""Rules for the order of things: what never runs, what comes too late.

They look at a document that stands as a whole: in one that fails nothing has an order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from voiceplat.xml.action import ActionElement
from voiceplat.xml.document import Document
from voiceplat.xml.element import Element, Needs
from voiceplat.xml.elements.getdigits import GetDigits
from voiceplat.xml.elements.getinput import GetInput
from voiceplat.xml.elements.hangup import Hangup
from voiceplat.xml.elements.play import Play
from voiceplat.xml.elements.preanswer import PreAnswer
from voiceplat.xml.elements.record import Record
from voiceplat.xml.elements.redirect import Redirect
from voiceplat.xml.elements.speak import Speak
from voiceplat.xml.elements.wait import Wait
from voiceplat.xml.lint import kinds
from voiceplat.xml.lint.finding import Finding, shortened
from voiceplat.xml.lint.page import Page
from voiceplat.xml.values import whole_number

EARLY_MEDIA_S: Final = 30
OF_MESSAGES: Final = {"timeout", "finishOnKey", "playBeep"}
_MS_PER_S: Final = 1000


@dataclass(frozen=True, slots=True)
class Stop:
    """Why nothing after an element runs."""

    element: Element
    why: str
    statement: int


def stop(element: Element) -> Stop | None:
    """What keeps everything after `element` from running, if something does."""
    match element:
        case Redirect():
            return Stop(element, "goes on with another document", 265)
        case Hangup() if _seconds(element) == 0:
            return Stop(element, "ends the call", 254)
        case Play(loop=0):
            return Stop(element, "plays until the call ends", 95)
        case Speak(loop=0):
            return Stop(element, "speaks until the call ends", 75)
        case PreAnswer(children=children):
            return next(filter(None, map(stop, children)), None)
        case _:
            return None


def unreachable(document: Document, page: Page) -> Iterator[Finding]:
    """One finding for the first element that never runs, on each level."""
    yield from _after_a_stop(document.elements, page)
    for element in document.elements:
        yield from _after_a_stop(getattr(element, "children", ()), page)


def _after_a_stop(elements: Sequence[Element], page: Page) -> Iterator[Finding]:
    for at, element in enumerate(elements[:-1]):
        if found := stop(element):
            last = page.source(found.element)
            rest = len(elements) - at - 1
            what = f"it never runs: <{last.tag}> in line {last.line} {found.why}"
            what += f" (and {rest - 1} after it)" if rest > 1 else ""
            first = page.source(elements[at + 1])
            yield kinds.UNREACHABLE.at(first, what, statement=found.statement)
            return


def hangups(document: Document, page: Page) -> Iterator[Finding]:
    answered = False
    for element in document.elements:
        if isinstance(element, Hangup):
            last = element is document.elements[-1]
            yield from _hangup(element, page, answered=answered, last=last)
        answered = answered or element.needs is Needs.ANSWERED


def _hangup(
    hangup: Hangup, page: Page, *, answered: bool, last: bool
) -> Iterator[Finding]:
    source = page.source(hangup)
    seconds = _seconds(hangup)
    if seconds is None:
        schedule = shortened(hangup.schedule)
        what = f'schedule="{schedule}" is no number: the element is skipped'
        yield kinds.SCHEDULE.at(source, what)
    elif seconds > 0 and last:
        what = "nothing follows, so the call ends at once, not when it is scheduled"
        yield kinds.SCHEDULE_LAST.at(source, what)
    if hangup.reason and answered:
        what = f'reason="{hangup.reason}" refuses nobody: the call is answered by then'
        yield kinds.REASON_TOO_LATE.at(source, what)


def _seconds(hangup: Hangup) -> int | None:
    """Until it hangs up; None when it never does."""
    seconds = whole_number(hangup.schedule or "0")
    return seconds if seconds is None else max(seconds, 0)


def waits(document: Document, page: Page) -> Iterator[Finding]:
    for element in _everything(document.elements):
        if not isinstance(element, Wait):
            continue
        source = page.source(element)
        written = source.attributes
        if element.silence and element.beep != "false":
            what = "beep is not listened for while silence is"
            yield kinds.BEEP_WITH_SILENCE.at(source, what)
        if not element.silence and {"minSilence", "min_silence"} & written.keys():
            what = 'minSilence counts only with silence="true"'
            yield kinds.MIN_SILENCE.at(source, what)
        if element.silence and element.min_silence >= element.length * _MS_PER_S:
            what = f"minSilence, {element.min_silence} ms, is not less than length"
            what += f", {element.length} s: it never ends early"
            yield kinds.MIN_SILENCE.at(source, what)


def recordings(document: Document, page: Page) -> Iterator[Finding]:
    for element in document.elements:
        if not isinstance(element, Record) or not element.in_background:
            continue
        source = page.source(element)
        written = source.attributes
        if "maxLength" not in written:
            what = f"the recording ends after {element.max_length} s, whatever goes on"
            yield kinds.BACKGROUND.at(source, what, statement=244)
        if of_messages := sorted(OF_MESSAGES & written.keys()):
            names = " and ".join(of_messages)
            what = f"{names} has no meaning for what is recorded in the background"
            yield kinds.BACKGROUND.at(source, what, statement=243)


def early_media(document: Document, page: Page) -> Iterator[Finding]:
    answered = False
    for element in document.elements:
        if isinstance(element, PreAnswer):
            source = page.source(element)
            if answered:
                what = "the call is answered by then: its elements just run"
                yield kinds.ALREADY_ANSWERED.at(source, what)
            waited = sum(
                one.length for one in element.children if isinstance(one, Wait)
            )
            if waited >= EARLY_MEDIA_S:
                what = f"its waits alone take {waited} s before the call is answered"
                yield kinds.EARLY_MEDIA_LONG.at(source, what)
            elif any(getattr(one, "loop", 1) == 0 for one in element.children):
                what = 'loop="0" in it never ends: the call is never answered'
                yield kinds.EARLY_MEDIA_LONG.at(source, what)
        answered = answered or element.needs is Needs.ANSWERED


def actions(document: Document, page: Page) -> Iterator[Finding]:
    """What follows an element whose action's answer replaces the rest."""
    for element, following in zip_longest(document.elements, document.elements[1:]):
        if not isinstance(element, ActionElement):
            continue
        source = page.source(element)
        if not element.action.strip():
            if not isinstance(element, GetDigits | GetInput):
                continue  # what it does is worth something without being told
            what = "without an action the input is thrown away"
            yield kinds.INPUT_DROPPED.at(source, what)
        elif element.redirect and following:
            after = page.source(following)
            what = (
                f"<{after.tag}> in line {after.line} and what is after it run only "
                "when the action is not requested: its answer replaces them"
            )
            yield kinds.REDIRECT_DEFAULT.at(source, what)


def emptiness(document: Document, page: Page) -> Iterator[Finding]:
    if not document.elements:
        what = "it has no elements: the call is answered and hung up at once"
        yield kinds.EMPTY_DOCUMENT.at(page.source(document), what)


def _everything(elements: Sequence[Element]) -> Iterator[Element]:
    for element in elements:
        yield element
        yield from _everything(getattr(element, "children", ()))
