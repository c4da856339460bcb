"""Writes the generated tables of docs/ from the code; `--check` only compares.

docs/settings.md gets every setting of voiceplat.core.settings, docs/errors.md every
hangup cause of voiceplat.calls.hangup, docs/lint.md every kind of finding,
docs/metrics.md every figure of voiceplat.metrics, docs/grafana/ the dashboard,
docs/adr/README.md every decision record, docs/speech.md who speaks for each voice of
the contract when all of set-up's engines are there; each between two marker lines.
"""

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from scripts.doc_dashboard import dashboard
from scripts.doc_metrics import metrics_table
from voiceplat.calls.hangup import CAUSES
from voiceplat.calls.voices import BASIC, POLLY, Gender
from voiceplat.core.settings import Settings
from voiceplat.speech.engines.espeak import Espeak
from voiceplat.speech.engines.hibari import Hibari
from voiceplat.speech.engines.kokoro import COMPLETE
from voiceplat.speech.voices import choose
from voiceplat.xml.lint.finding import Kind
from voiceplat.xml.lint.kinds import KINDS

ROOT: Final = Path(__file__).parents[1]
UNITS: Final = {
    "_ms": "ms",
    "_minutes": "minutes",
    "_s": "s",
    "_hz": "Hz",
    "_bytes": "bytes",
    "_chars": "characters",
    "_dbfs": "dBFS",
    "_per_second": "per second",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table; `path` is the TOML name, dots between section and name."""

    path: str
    default: str
    unit: str
    meaning: str

    @property
    def variable(self) -> str:
        return "VOICEPLAT_" + self.path.upper().replace(".", "__")


def settings() -> Iterator[Setting]:
    """Every setting, those of the top first, then section by section."""
    yield from _settings_of(Settings, prefix="")
    for section, field in Settings.model_fields.items():
        if _is_section(field):
            yield from _settings_of(type(field.default), prefix=f"{section}.")


def settings_table() -> str:
    rows = [
        f"| `{it.path}` | `{it.default}` | {it.unit} | {it.meaning} |"
        for it in settings()
    ]
    return "\n".join(
        ["| setting | default | unit | meaning |", "|---|---|---|---|", *rows]
    )


def causes_table() -> str:
    rows = [
        f"| {it.code} | {it.name} | {it.text} | {it.status} | {it.source} "
        f"| {it.sip_status} |"
        for it in CAUSES.values()
    ]
    head = [
        "| code | HangupCauseName | HangupCause | CallStatus | HangupSource | SIP |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*head, *rows])


def findings_table() -> str:
    rows = [
        f"| {kind.severity} | {kind.means} | {kind.remedy} | {_statements(kind)} |"
        for kind in KINDS.values()
    ]
    head = [
        "| severity | what is found | what to do | statement |",
        "|---|---|---|---|",
    ]
    return "\n".join([*head, *map(_as_code, rows)])


def _statements(kind: Kind) -> str:
    numbers = {number for number in (kind.statement, *kind.exact) if number}
    return ", ".join(map(str, sorted(numbers)))


def _as_code(row: str) -> str:
    """Tags as code; else Markdown takes them for HTML."""
    return re.sub(r"(?<!`)(<[^>`]+>)(?!`)", r"`\1`", row)


def decisions_table() -> str:
    """The title of a record is its first line, `# 11. What was decided`."""
    rows = []
    for path in sorted((ROOT / "docs/adr").glob("[0-9]*.md")):
        title = path.read_text().partition("\n")[0].removeprefix("# ")
        number, _, decision = title.partition(". ")
        rows.append(f"| {number} | [{decision}]({path.name}) |")
    return "\n".join(["| no. | decision |", "|---|---|", *rows])


def voices_table() -> str:
    engines = (Hibari.describe(), COMPLETE, Espeak.describe())
    installed = tuple(engine for engine in engines if engine)
    rows = []
    for tag in sorted(BASIC.keys() | POLLY.keys()):
        for gender in Gender:
            names = POLLY.get(tag, {}).get(gender, "").split()
            asked = [gender.upper()] if gender in BASIC.get(tag, ()) else []
            asked += [f"Polly.{name}" for name in names]
            spoken_by = {choose(voice, tag, installed) for voice in asked}
            rows += [
                f"| {tag} | {', '.join(asked)} | {it.engine} | `{it.voice}` |"
                for it in sorted(spoken_by, key=lambda choice: choice.voice)
            ]
    head = ["| language | asked for | engine | its voice |", "|---|---|---|---|"]
    return "\n".join([*head, *rows])


TABLES: Final[dict[str, Callable[[], str]]] = {
    "docs/settings.md": settings_table,
    "docs/errors.md": causes_table,
    "docs/lint.md": findings_table,
    "docs/metrics.md": metrics_table,
    "docs/adr/README.md": decisions_table,
    "docs/speech.md": voices_table,
}


WHOLE: Final[dict[str, Callable[[], str]]] = {
    "docs/grafana/voiceplat.json": dashboard,
}
"""Files of which nothing is written by hand."""


def current(page: str) -> str:
    """The page's text, its table as the code has it now."""
    if page in WHOLE:
        return WHOLE[page]()
    text = (ROOT / page).read_text()
    before, _, rest = text.partition("<!-- generated: make docs -->\n")
    _, _, after = rest.partition("<!-- end -->\n")
    table = TABLES[page]()
    return f"{before}<!-- generated: make docs -->\n\n{table}\n\n<!-- end -->\n{after}"


def _is_section(field: FieldInfo) -> bool:
    return inspect.isclass(field.annotation) and issubclass(field.annotation, BaseModel)


def _settings_of(model: type[BaseModel], prefix: str) -> Iterator[Setting]:
    meanings = _docstrings(model)
    for name, field in model.model_fields.items():
        if not _is_section(field):
            yield Setting(
                prefix + name,
                _shown(field.default),
                _unit(name, field),
                meanings.get(name, ""),
            )


def _docstrings(model: type[BaseModel]) -> dict[str, str]:
    """The string under each field of a class, as one line."""
    body = ast.parse(inspect.getsource(model)).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101  # a class has a class body
    found = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = " ".join(text.split())
    return found


def _shown(default: object) -> str:
    match default:
        case SecretStr():
            return '""'
        case None:
            return "none"
        case bool():
            return str(default).lower()
        case tuple():
            return ", ".join(str(item) for item in default)
        case str() | Path():
            return f'"{default}"'
        case _:
            return str(default)


def _unit(name: str, field: FieldInfo) -> str:
    for suffix, unit in UNITS.items():
        if name.endswith(suffix):
            return unit
    if isinstance(field.default, bool):
        return "yes or no"
    if "port" in name.split("_") and isinstance(field.default, int):
        return "port"
    return "count" if isinstance(field.default, int | float) else "text"


def _text(page: str) -> str:
    path = ROOT / page
    return path.read_text() if path.exists() else ""


def main() -> int:
    pages = (*TABLES, *WHOLE)
    stale = [page for page in pages if _text(page) != current(page)]
    for page in stale:
        if "--check" in sys.argv:
            sys.stderr.write(f"{page} is not what the code says: run `make docs`\n")
        else:
            (ROOT / page).write_text(current(page))
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
