"""`voiceplat lint`, as somebody types it who writes documents."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import structlog
from typer.testing import CliRunner, Result

from tests.repository import ROOT
from tests.servers.customer import CustomerServer, Reply, customer_server
from voiceplat.cli.main import app
from voiceplat.core.settings import load_settings

FINE: Final = "<Response>\n  <Speak>Good morning.</Speak>\n</Response>\n"
WARNED: Final = '<Response>\n  <Wait lenght="5"/>\n</Response>\n'
BAD: Final = '<Response>\n  <Wait length="0"/>\n  <Say>hello</Say>\n</Response>\n'


@pytest.fixture(autouse=True)
def _settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    logs = structlog.get_config()
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()
    structlog.configure(**logs)  # the command wants none


def lint(*words: str, text: str | None = None, colour: bool = False) -> Result:
    return CliRunner().invoke(app, ["lint", *words], input=text, color=colour)


def page(text: str | bytes) -> str:
    body = text if isinstance(text, bytes) else text.encode()
    Path("page.xml").write_bytes(body)
    return "page.xml"


def test_a_document_that_is_fine_is_shown_and_called_so() -> None:
    result = lint(page(FINE))

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "2  Speak “Good morning.”",
        "   … then the call is hung up: 4010, End Of XML Instructions.",
        "",
        "This document is fine.",
    ]


def test_errors_are_told_with_place_reason_remedy_statement_and_cause() -> None:
    result = lint(page(BAD))

    assert result.exit_code == 1
    first, second, *rest = result.stdout.splitlines()
    assert first == (
        "page.xml:2: error: <Wait>: length must be a whole number of seconds, "
        "1 or more; give it a value that is allowed (statement 272, cause 8011)"
    )
    assert second == (
        "page.xml:3: error: <Say>: is an unknown element: did you mean <Speak>?; mend "
        "its name, or take it out (xml.lenient skips it) (statement 14, cause 8011)"
    )
    assert rest == [
        "",
        "Nothing of it runs: the call ends with 8011, Invalid Answer XML.",
        "2 errors.",
    ]


def test_warnings_fail_only_where_one_is_strict() -> None:
    relaxed, strict = lint(page(WARNED)), lint(page(WARNED), "--strict")

    assert (relaxed.exit_code, strict.exit_code) == (0, 1)
    assert "did you mean length?" in relaxed.stdout
    assert relaxed.stdout.endswith("1 warning.\n")


def test_notes_do_not_fail_even_where_one_is_strict() -> None:
    assert lint(page("<Response/>"), "--strict").exit_code == 0


def test_a_document_may_come_from_stdin() -> None:
    result = lint("-", text=BAD)

    assert result.exit_code == 1
    assert result.stdout.startswith("stdin:2: error: <Wait>")


def findings(*words: str) -> Any:  # noqa: ANN401 - any JSON
    return json.loads(lint(*words, "--json").stdout)


def test_json_is_one_list_of_findings() -> None:
    assert findings(page(BAD))[0] == {
        "line": 2,
        "element": "Wait",
        "severity": "error",
        "statement": 272,
        "cause": 8011,
        "message": "length must be a whole number of seconds, 1 or more; "
        "give it a value that is allowed",
    }
    assert findings(page(FINE)) == []


def test_json_has_the_exit_status_of_the_text() -> None:
    assert lint(page(BAD), "--json").exit_code == 1
    assert lint(page(WARNED), "--json").exit_code == 0
    assert lint(page(WARNED), "--json", "--strict").exit_code == 1


def test_what_cannot_be_read_is_neither_good_nor_bad() -> None:
    result = lint("nowhere.xml")

    assert result.exit_code == 2
    assert result.stdout == ""
    assert "nowhere.xml cannot be read: No such file" in result.stderr


def test_there_are_colours_on_a_terminal_alone() -> None:
    plain, coloured = lint(page(BAD)), lint(page(BAD), colour=True)

    assert "\x1b" not in plain.stdout
    assert "\x1b" in coloured.stdout
    assert re.sub(r"\x1b\[\d*m", "", coloured.stdout) == plain.stdout


def test_the_settings_of_the_server_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICEPLAT_XML__LENIENT", "true")

    result = lint(page("<Response><Say>hello</Say></Response>"))

    assert result.exit_code == 0
    assert "passed over" in result.stdout


def test_a_voice_without_an_engine_names_what_is_installed() -> None:
    result = lint(page('<Response><Speak voice="Polly.Nobody">x</Speak></Response>'))

    assert 'nobody is called "Polly.Nobody": WOMAN speaks' in result.stdout


def test_the_example_of_its_page_is_true() -> None:
    text = (ROOT / "docs/lint.md").read_text()
    blocks = re.findall(r"^```(?:xml|text)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    document, output = blocks
    Path("answer.xml").write_text(document)

    assert lint("answer.xml").stdout == output


# --- URLs ---------------------------------------------------------------------------


@pytest.fixture
async def customer() -> AsyncIterator[CustomerServer]:
    async with customer_server() as server:
        yield server


async def lint_url(*words: str) -> Result:
    """In a thread: the command has a loop of its own."""
    return await asyncio.to_thread(lint, *words)


@pytest.mark.real_time
async def test_a_url_is_asked_like_an_answer_url(customer: CustomerServer) -> None:
    url = customer.serves("/answer", Reply(WARNED))

    by_get, by_post = await lint_url(url), await lint_url(url, "--method", "POST")

    assert by_get.exit_code == by_post.exit_code == 0
    assert by_get.stdout.startswith(f"{url}:2: warning: <Wait>")
    asked = customer.requests("/answer")
    assert [one.method for one in asked] == ["GET", "POST"]
    for one in asked:
        assert one.fields["Event"] == "StartApp"
        assert one.fields["CallStatus"] == "ringing"
        assert {"CallUUID", "From", "To", "Direction"} <= one.fields.keys()


@pytest.mark.real_time
async def test_an_answer_that_is_no_xml_is_an_error(customer: CustomerServer) -> None:
    url = customer.serves("/answer", Reply(FINE, content_type="text/html"))

    result = await lint_url(url, "--json")

    (only,) = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (only["severity"], only["statement"], only["cause"]) == ("error", 1, 8011)
    assert "text/html" in only["message"]


@pytest.mark.real_time
async def test_a_url_that_does_not_answer_cannot_be_read(
    customer: CustomerServer,
) -> None:
    url = customer.serves("/answer", Reply(FINE, status=404))

    result = await lint_url(url)

    assert result.exit_code == 2
    assert "answered 404" in result.stderr
    assert "7011, Error Reaching Answer URL" in result.stderr
