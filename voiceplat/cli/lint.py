"""`voiceplat lint FILE|URL`: what the server would make of a document, beforehand."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Final

import typer
from typing_extensions import override

from voiceplat.calls import params
from voiceplat.calls.call import Call, Hook
from voiceplat.calls.hangup import CAUSES
from voiceplat.calls.status import CallStatus, Direction
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import FetchError, NotADocument, SpeechError
from voiceplat.core.ids import AuthId, CallUuid
from voiceplat.core.settings import Settings
from voiceplat.webhooks.client import WebhookClient
from voiceplat.webhooks.signature import SigningKeys
from voiceplat.xml.document import Source
from voiceplat.xml.lint import kinds
from voiceplat.xml.lint.check import Report, check
from voiceplat.xml.lint.finding import Finding, Severity
from voiceplat.xml.lint.outline import outline
from voiceplat.xml.lint.page import Installed
from voiceplat.xml.registry import ROOT

FINE, FAULTY, UNREADABLE = range(3)
"""Exit statuses."""

STDIN: Final = "-"
_COLOURS: Final = {
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.NOTE: "blue",
}


class ThisMachine(Installed):
    """The engines that are installed here; they are asked only when it matters."""

    @override
    def cannot_speak(self, voice: str, language: str) -> str:
        from voiceplat.speech.registry import synthesizers
        from voiceplat.speech.voices import choose

        try:
            choose(voice, language, synthesizers().values())
        except SpeechError as error:
            return str(error)
        return ""

    @override
    def cannot_hear(self, language: str) -> str:
        from voiceplat.speech.registry import recognisers

        known = {tag for info in recognisers().values() for tag in info.languages}
        if language.partition("-")[0].casefold() in known:
            return ""
        return f"no recogniser knows {language}; installed: {', '.join(sorted(known))}"


def run_lint(
    place: str, settings: Settings, *, method: str, as_json: bool, strict: bool
) -> int:
    """Check what lies at `place`, say it; the exit status."""
    try:
        body = _read(place, settings, method)
    except NotADocument as error:
        answer = Source(ROOT, "", 1, {}, "")
        finding = kinds.NOT_A_DOCUMENT.at(answer, error.why)
        return _tell(place, (finding,), as_json=as_json)
    except FetchError as error:
        cause = CAUSES[7011]
        why = f"{error.why} (a call would end with {cause.code}, {cause.name})"
        return _unreadable(place, why)
    except OSError as error:
        return _unreadable(place, error.strerror or str(error))
    report = check(body, settings, ThisMachine())
    status = _tell(place, report.findings, as_json=as_json)
    if not as_json:
        _summarise(report)
    wrong = strict and report.count(Severity.WARNING)
    return FAULTY if wrong else status


def _unreadable(place: str, why: str) -> int:
    typer.secho(f"{place} cannot be read: {why}", err=True, fg="red")
    return UNREADABLE


def _read(place: str, settings: Settings, method: str) -> bytes:
    if place == STDIN:
        return sys.stdin.buffer.read()
    if place.startswith(("http://", "https://")):
        return asyncio.run(_fetch(Hook(url=place, method=method), settings))
    return Path(place).read_bytes()


async def _fetch(hook: Hook, settings: Settings) -> bytes:
    """As the answer URL of a call, private addresses allowed. Raises FetchError."""
    here = settings.security.model_copy(update={"allow_private_urls": True})
    fields = params.start_app(_sample_call(hook), CallStatus.RINGING)
    async with WebhookClient(settings.webhooks, here) as client:
        keys = SigningKeys(token="", main_token="")
        return (await client.send(hook, fields, keys, want_document=True)).body


def _sample_call(answer: Hook) -> Call:
    nobody = AuthId("MALINT00000000000000")
    return Call(
        uuid=CallUuid("00000000-0000-4000-8000-000000000000"),
        account=nobody,
        main_account=nobody,
        direction=Direction.INBOUND,
        from_="15550100",
        to="15550101",
        caller_name="15550100",
        initiated_at=utc_now(),
        answer=answer,
    )


def _tell(place: str, findings: tuple[Finding, ...], *, as_json: bool) -> int:
    if as_json:
        typer.echo(json.dumps([one.as_json() for one in findings], ensure_ascii=False))
    else:
        for one in findings:
            typer.echo(_line(place, one))
    return FAULTY if any(one.severity is Severity.ERROR for one in findings) else FINE


def _line(place: str, one: Finding) -> str:
    name = "stdin" if place == STDIN else place
    severity = typer.style(one.severity.value, fg=_COLOURS[one.severity], bold=True)
    told = f"{name}:{one.line}: {severity}: <{one.element}>: {one.message}"
    return f"{told} {one.references}".rstrip()


def _summarise(report: Report) -> None:
    if report.findings:
        typer.echo()
    if report.document is None:
        cause = CAUSES[kinds.INVALID_XML]
        typer.echo(
            f"Nothing of it runs: the call ends with {cause.code}, {cause.name}."
        )
    else:
        for line in outline(report.document, report.page):
            typer.echo(line)
        typer.echo()
    typer.echo(_verdict(report))


def _verdict(report: Report) -> str:
    counts = {one: report.count(one) for one in Severity}
    if not counts[Severity.ERROR] and not counts[Severity.WARNING]:
        return "This document is fine."
    told = [f"{n} {one}{'s' if n > 1 else ''}" for one, n in counts.items() if n]
    return ", ".join(told) + "."
