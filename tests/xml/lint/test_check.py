"""Lint and the server read alike; a person is told all at once."""

from pathlib import Path

import pytest

from tests.xml.lint.test_findings import linted
from voiceplat.core.errors import DocumentError
from voiceplat.xml.document import parse
from voiceplat.xml.lint.finding import Severity
from voiceplat.xml.lint.outline import outline

CORPUS = Path(__file__).parents[2] / "corpus"


def named(folder: str) -> list[Path]:
    return sorted((CORPUS / folder).glob("*.xml"))


@pytest.mark.parametrize("page", named("good"), ids=lambda page: page.stem)
def test_a_good_document_has_no_error(page: Path) -> None:
    assert linted(page.read_bytes()).count(Severity.ERROR) == 0


@pytest.mark.parametrize("page", named("bad"), ids=lambda page: page.stem)
def test_the_first_error_is_the_servers(page: Path) -> None:
    with pytest.raises(DocumentError) as refused:
        parse(page.read_bytes())

    faults = linted(page.read_bytes()).page.faults

    assert (faults[0].why, faults[0].line) == (refused.value.why, refused.value.line)


def test_all_errors_are_told_at_once() -> None:
    report = linted(
        "<Response>\n"
        '<Wait length="0"/>\n'
        "<Say>hello</Say>\n"
        "<PreAnswer>\n<Hangup/>\n<Play/></PreAnswer>\n"
        "<Speak voice='Polly.Amy'><w><p>no</p></w></Speak>\n"
        '<Play loop="-1"/>\n'
        "</Response>"
    )

    told = [(one.line, one.element) for one in report.findings]
    assert told == [
        (2, "Wait"),
        (3, "Say"),
        (5, "Hangup"),
        (6, "Play"),
        (7, "p"),
        (8, "Play"),
        (8, "Play"),
    ]


def test_an_element_that_fails_does_not_hide_warnings_about_others() -> None:
    report = linted('<Response><Say/><Wait lenght="5"/></Response>')

    assert "did you mean length?" in report.findings[-1].message


def test_what_follows_an_endless_sound_never_runs() -> None:
    report = linted(
        "<Response>\n"
        '<Play loop="0">https://e.com/a.mp3</Play>\n'
        "<Speak>one</Speak><Speak>two</Speak>\n"
        "</Response>"
    )

    (only,) = report.findings
    assert (only.line, only.statement) == (3, 95)
    assert "<Play> in line 2 plays until the call ends (and 1 after it)" in only.message


@pytest.mark.parametrize(
    ("first", "statement"),
    [
        ("<Redirect>https://e.com/</Redirect>", 265),
        ("<Hangup/>", 254),
        ('<Hangup schedule="-3"/>', 254),
        ('<Speak loop="0">hello</Speak>', 75),
    ],
)
def test_an_element_that_lets_nothing_follow_is_told(
    first: str, statement: int
) -> None:
    report = linted(f"<Response>{first}<Wait/></Response>")

    assert [one.statement for one in report.findings] == [statement]


@pytest.mark.parametrize(
    "first", ['<Hangup schedule="30"/>', "<Wait/>", "<Play>https://e.com/a.mp3</Play>"]
)
def test_what_may_run_is_not_called_unreachable(first: str) -> None:
    assert linted(f"<Response>{first}<Wait/></Response>").findings == ()


def test_early_media_that_never_ends_is_told() -> None:
    report = linted(
        "<Response><PreAnswer>"
        '<Play loop="0">https://e.com/a.mp3</Play>'
        "</PreAnswer></Response>"
    )

    assert [one.kind.name for one in report.findings] == ["early-media-long"]


def test_a_finding_is_one_printable_line_whatever_was_written() -> None:
    report = linted(f"<Response><Wait length='5' {'x' * 5000}='\x9b31m'/></Response>")

    (only,) = report.findings
    assert len(only.message) < 400
    assert only.message.isprintable()


def outlined(text: str) -> list[str]:
    report = linted(text)
    assert report.document is not None
    return list(outline(report.document, report.page))


def test_the_outline_shows_what_runs_in_which_order_and_how_it_ends() -> None:
    lines = outlined(
        "<Response>\n"
        "<PreAnswer>\n"
        "<Speak>Please <sub alias='hold'>wait</sub>.</Speak>\n"
        '<Wait length="2" colour="red"/>\n'
        "</PreAnswer>\n"
        "<Play>https://e.com/a.mp3</Play>\n"
        "</Response>"
    )

    assert lines == [
        "2  PreAnswer",
        "3  ├─ Speak “Please wait.”",
        '4  └─ Wait length="2"',
        "6  Play “https://e.com/a.mp3”",
        "   … then the call is hung up: 4010, End Of XML Instructions.",
    ]


def test_the_outline_ends_where_the_document_does() -> None:
    lines = outlined("<Response><Wait/><Hangup/><Speak>never</Speak></Response>")

    assert lines == ["1  Wait", "1  Hangup", "   … Hangup ends the call."]
