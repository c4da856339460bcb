"""`voiceplat lint` without its command: a text in, what there is to say of it out.

There is one parser, the server's, with one setting more: it goes on after a fault. So
a text has errors here exactly when a call with it would end.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from voiceplat.core.errors import DocumentError
from voiceplat.core.settings import Settings
from voiceplat.xml.document import Document, Source, parse
from voiceplat.xml.faults import Fault
from voiceplat.xml.lint import attributes, bodies, flow, kinds, speaking
from voiceplat.xml.lint.finding import Finding, Severity
from voiceplat.xml.lint.page import Anything, Installed, Page, Seen
from voiceplat.xml.registry import KNOWN, ROOT

Rule = Callable[[Seen, Page], Iterator[Finding]]
FlowRule = Callable[[Document, Page], Iterator[Finding]]

RULES: Final[tuple[Rule, ...]] = (
    attributes.unknown_attributes,
    attributes.values_that_count_otherwise,
    attributes.attributes_without_effect,
    attributes.methods,
    attributes.urls,
    bodies.stray_text,
    bodies.passed_over,
    bodies.play,
    bodies.hints,
    speaking.voices,
    speaking.recognised_language,
    speaking.tags_without_polly,
    speaking.ssml_values,
    speaking.length_of_speech,
)
FLOW_RULES: Final[tuple[FlowRule, ...]] = (
    flow.unreachable,
    flow.hangups,
    flow.waits,
    flow.recordings,
    flow.early_media,
    flow.actions,
    flow.emptiness,
)

FORMAT_STATEMENTS: Final = {
    ("GetDigits", "numDigits"): 113,
    ("GetDigits", "retries"): 114,
    ("GetDigits", "timeout"): 115,
    ("GetInput", "action"): 144,
    ("GetInput", "inputType"): 144,
    ("Play", ""): 98,
    ("Play", "loop"): 76,
    ("Redirect", ""): 269,
    ("Speak", ""): 82,
    ("Speak", "loop"): 76,
    ("Wait", "length"): 272,
}
"""What the specification says of format errors; no attribute: the body."""

_LOWER_CASE: Final = 12
_OF_OTHERS: Final = {
    "Gather": "GetInput",
    "Pause": "Wait",
    "Reject": "Hangup",
    "Say": "Speak",
    "Sms": "Message",
}
"""What other platforms call them, where the words are not alike."""


@dataclass(frozen=True, slots=True)
class Report:
    findings: tuple[Finding, ...]
    """By line; the graver first."""
    page: Page

    @property
    def document(self) -> Document | None:
        """None when it fails."""
        return self.page.document

    def count(self, severity: Severity) -> int:
        return sum(one.severity is severity for one in self.findings)


def check(
    body: bytes, settings: Settings, installed: Installed | None = None
) -> Report:
    """What a call would make of `body`, and what its author may not expect."""
    page = Page(settings.speech.speak_max_chars, installed or Anything())
    with suppress(DocumentError):  # the page has heard of it
        parse(
            body,
            lenient=settings.xml.lenient,
            strict_voices=settings.xml.strict_voices,
            max_bytes=settings.webhooks.document_max_bytes,
            witness=page,
        )
    order = list(Severity)
    findings = sorted(
        _findings(page), key=lambda one: (one.line, order.index(one.severity))
    )
    return Report(tuple(findings), page)


def _findings(page: Page) -> Iterator[Finding]:
    yield from map(_of_fault, page.faults)
    for seen in page.seen:
        for rule in RULES:
            yield from rule(seen, page)
    if document := page.document:
        for flow_rule in FLOW_RULES:
            yield from flow_rule(document, page)


def _of_fault(error: DocumentError) -> Finding:
    kind = kinds.OF_FAULT[Fault(error.fault)]
    what = error.why.removeprefix(f"<{error.element}>").removeprefix(": ").strip()
    statement = FORMAT_STATEMENTS.get((error.element, error.attribute))
    if error.fault != Fault.FORMAT:
        statement = None
    if error.fault == Fault.UNKNOWN_ELEMENT:
        meant = _meant(error.element)
        what += f": did you mean <{meant}>?" if meant else ""
        statement = (
            _LOWER_CASE if meant.casefold() == error.element.casefold() else None
        )
    element = error.element or ROOT
    source = Source(element, "", error.line or 1, {}, "")
    return kind.at(source, what, statement=statement)


def _meant(tag: str) -> str:
    """The element that is nearly called `tag`; empty when there is none."""
    known = {name.casefold(): name for name in KNOWN - {ROOT}}
    close = get_close_matches(tag.casefold(), known, 1)
    return known[close[0]] if close else _OF_OTHERS.get(tag, "")
