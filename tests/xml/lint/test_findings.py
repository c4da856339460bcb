"""Every kind of finding has a document that shows it, and shows nothing else."""

from pathlib import Path
from typing import Final

import pytest
from typing_extensions import override

from tests.xml.lint import gadget
from voiceplat.core.settings import Settings, WebhookSettings, XmlSettings
from voiceplat.xml.faults import Fault
from voiceplat.xml.lint import attributes, kinds
from voiceplat.xml.lint import check as check_module
from voiceplat.xml.lint.check import Report, check
from voiceplat.xml.lint.finding import Finding, Severity
from voiceplat.xml.lint.kinds import KINDS, OF_FAULT
from voiceplat.xml.lint.page import Installed
from voiceplat.xml.registry import NOT_YET

CORPUS: Final = Path(__file__).parents[2] / "corpus"
PAGES: Final = sorted((CORPUS / "lint").glob("*.xml"))
ELSEWHERE: Final = {"too-large", "not-here-yet", "skipped-element", "no-effect-yet"}
"""Kinds that depend on a setting or on what is not there yet: tested below."""
BY_THE_COMMAND: Final = {"no-document"}
"""Tested in tests/cli/test_lint.py."""


class WithoutWelsh(Installed):
    @override
    def cannot_speak(self, voice: str, language: str) -> str:
        return "no Welsh here" if voice == "Polly.Gwyneth" else ""

    @override
    def cannot_hear(self, language: str) -> str:
        return "no Klingon here" if language == "tlh" else ""


def linted(text: str | bytes, settings: Settings | None = None) -> Report:
    body = text if isinstance(text, bytes) else text.encode()
    return check(body, settings or Settings(), WithoutWelsh())


def kinds_of(report: Report) -> set[str]:
    """Notes on what this server does not heed yet will go away by themselves."""
    return {one.kind.name for one in report.findings} - {"no-effect-yet"}


def test_each_kind_has_its_document() -> None:
    shown = {page.stem for page in PAGES}

    assert shown | ELSEWHERE | BY_THE_COMMAND == set(KINDS)


def test_each_fault_of_a_document_has_its_kind() -> None:
    assert set(OF_FAULT) == set(Fault)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_document_shows_its_kind_and_no_other(page: Path) -> None:
    report = linted(page.read_bytes())

    assert kinds_of(report) == {page.stem}
    assert all(one.line >= 1 and one.element for one in report.findings)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_only_errors_fail_a_document(page: Path) -> None:
    report = linted(page.read_bytes())

    failed = report.count(Severity.ERROR) > 0

    assert failed == (report.document is None)
    assert failed == (KINDS[page.stem].severity is Severity.ERROR)


STATEMENTS: Final = {
    "already-answered": {279},
    "ampersand": {5},
    "background": {243, 244},
    "beep-with-silence": {276},
    "comment": {5},
    "counts-otherwise": {77, 258},
    "empty-document": {9},
    "empty-text": {6},
    "format-error": {272, 76, 269},
    "hints": {135},
    "input-dropped": {120},
    "language": {81},
    "late-declaration": {5},
    "log": {117},
    "min-silence": {274},
    "misplaced-element": {22},
    "not-xml": {7},
    "play-fragment": {40},
    "play-type": {94},
    "play-url": {93},
    "reason-too-late": {257},
    "redirect-default": {42},
    "root": {2},
    "schedule": {261},
    "schedule-last": {260},
    "skipped-tag": {90},
    "speak-long": {83},
    "ssml-without-polly": {84},
    "takes-no-elements": {21},
    "unknown-attribute": {16, 13},
    "unknown-element": {14, 12},
    "unreachable": {265},
    "voice": {80},
    "web-url": {268},
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_findings_name_the_statements_of_the_specification(page: Path) -> None:
    report = linted(page.read_bytes())

    told = {one.statement for one in report.findings if one.kind.name == page.stem}

    kind = KINDS[page.stem]
    assert told - {None} == STATEMENTS.get(page.stem, set())
    assert told <= {kind.statement, *kind.exact}


def test_what_a_finding_may_say_of_the_specification_is_in_the_table() -> None:
    counted = set(attributes.STATEMENTS.values())
    refused = set(check_module.FORMAT_STATEMENTS.values())

    assert counted <= set(kinds.COUNTS_OTHERWISE.exact)
    assert refused <= set(KINDS[Fault.FORMAT].exact)


def test_a_document_that_fails_says_how_the_call_would_end() -> None:
    for page in PAGES:
        for one in linted(page.read_bytes()).findings:
            if one.severity is Severity.ERROR:
                assert one.cause == 8011, page.stem


def test_methods_and_urls_say_how_the_call_would_end() -> None:
    report = linted(
        "<Response>"
        '<GetDigits action="keys" method="PUT"/>'
        '<Redirect method="PATCH">next</Redirect>'
        "</Response>"
    )

    told = {(one.element, one.statement, one.cause) for one in report.findings}
    assert told >= {
        ("GetDigits", 29, 7022),
        ("GetDigits", 19, 7032),
        ("Redirect", 268, 7024),
        ("Redirect", None, 7034),
    }


def test_without_redirect_a_bad_action_ends_no_call() -> None:
    report = linted(
        '<Response><GetDigits redirect="false" action="keys" method="PUT"/></Response>'
    )

    assert kinds_of(report) == {"method", "web-url"}
    assert {one.cause for one in report.findings} == {None}


# --- what depends on settings -------------------------------------------------------


def test_the_limits_are_those_of_the_server() -> None:
    tight = Settings(webhooks=WebhookSettings(document_max_bytes=30))

    report = linted("<Response><Wait/><Wait/></Response>", tight)

    assert kinds_of(report) == {"too-large"}


def test_a_lenient_server_passes_over_what_a_strict_one_refuses() -> None:
    text = "<Response><Spaek>hello</Spaek><Wait/></Response>"

    strict = linted(text)
    lenient = linted(text, Settings(xml=XmlSettings(lenient=True)))

    assert kinds_of(strict) == {"unknown-element"}
    assert kinds_of(lenient) == {"skipped-element"}
    assert {one.statement for one in lenient.findings} == {15}
    assert "did you mean <Speak>?" in lenient.findings[0].message


def test_a_server_with_strict_voices_refuses_what_nobody_can_speak() -> None:
    strict = Settings(xml=XmlSettings(strict_voices=True))

    report = linted('<Response><Speak language="hi-IN">x</Speak></Response>', strict)

    assert kinds_of(report) == {"format-error"}
    assert report.findings[0].statement == 82


@pytest.mark.skipif(not NOT_YET - {"Number", "User"}, reason="all elements are here")
def test_an_element_that_is_not_here_yet_is_an_error() -> None:
    tag = max(NOT_YET - {"Number", "User"})

    assert kinds_of(linted(f"<Response><{tag}/></Response>")) == {"not-here-yet"}


# --- elements of tomorrow -----------------------------------------------------------


def of_the_gadget(
    patch: pytest.MonkeyPatch, attributes: str, body: str = "now"
) -> list[Finding]:
    gadget.put_in(patch)
    text = f"<Response><Gadget {attributes}>{body}</Gadget></Response>"
    return list(linted(text).findings)


@pytest.mark.parametrize(
    ("written", "kind", "words"),
    [
        ('length="200"', "counts-otherwise", 'length="200" counts as 60'),
        ('length="soon"', "counts-otherwise", 'length="soon" counts as 5'),
        ('loud="TRUE"', "counts-otherwise", 'loud="TRUE" counts as false'),
        ('later="on"', "no-effect-yet", "later has no effect"),
        ('color="blue"', "unknown-attribute", "did you mean colour?"),
        ('callbackurl="x"', "unknown-attribute", "did you mean callbackUrl?"),
        ('callbackMethod="PUT"', "method", "the request is never made"),
        ('callbackUrl="/told"', "web-url", "it is never requested"),
    ],
)
def test_an_element_that_lint_was_never_told_of_gets_its_findings(
    monkeypatch: pytest.MonkeyPatch, written: str, kind: str, words: str
) -> None:
    found = of_the_gadget(monkeypatch, written)

    assert [one.kind.name for one in found] == [kind]
    assert words in found[0].message


@pytest.mark.parametrize(
    "written",
    [
        'length=" 60 "',
        'length="+7"',
        'colour="Blue, green"',
        'loud="true"',
        'loud="false"',
    ],
)
def test_a_value_that_counts_as_written_is_not_spoken_of(
    monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    assert of_the_gadget(monkeypatch, written) == []


def test_so_does_its_body(monkeypatch: pytest.MonkeyPatch) -> None:
    (only,) = of_the_gadget(monkeypatch, "", body=" now! ")

    assert '"now!" counts as now' in only.message
