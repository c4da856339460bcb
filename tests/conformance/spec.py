"""What docs/spec promises: statements, attributes and score sheet of the XML, and the
checklist of the REST API."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SPEC = Path(__file__).parents[2] / "docs/spec/plivo-xml.md"
REST_SPEC = SPEC.with_name("plivo-rest.md")

_STATEMENT = re.compile(
    r"^(\d+)\. (.+) \((docs|sdk|framework|unsure)([^()]*)\)$", re.MULTILINE
)
_CHECK = re.compile(r"^(\d+)\. (.+)$", re.MULTILINE)
_SECTION = re.compile(r"^### 5\.\d+ (.+)$", re.MULTILINE)
_ROW = re.compile(
    r"^\| (\S[^|]*?) \| (\d+) \| \d+ \| \d+ \| \d+ \| ([^|]+?) \| (\d+|\u2013) \|",
    re.MULTILINE,
)
_IDS = re.compile(r"(\d+)\u2013(\d+)")


@dataclass(frozen=True, slots=True)
class Statement:
    number: int
    text: str
    evidence: str
    """docs, sdk, framework or unsure."""
    section: str

    @property
    def is_documented(self) -> bool:
        return self.evidence in ("docs", "sdk")


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the REST API's checklist."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the score sheet, 6.1."""

    name: str
    attributes: int
    numbers: range


@cache
def statements() -> tuple[Statement, ...]:
    checklist = _between("## 5. Conformance checklist", "## 6. Score sheet")
    parts = _SECTION.split(checklist)[1:]
    return tuple(
        Statement(int(number), text, evidence, section)
        for section, part in zip(parts[::2], parts[1::2], strict=True)
        for number, text, evidence, _ in _STATEMENT.findall(part)
    )


@cache
def checklist() -> tuple[Check, ...]:
    lines = REST_SPEC.read_text().partition("## 11. Compatibility checklist")[2]
    return tuple(Check(int(number), text) for number, text in _CHECK.findall(lines))


@cache
def rows() -> tuple[Row, ...]:
    sheet = _between("### 6.1", "### 6.2")
    return tuple(
        Row(name.strip("_"), int(attributes), _numbers(ids))
        for name, attributes, ids, _ in _ROW.findall(sheet)
    )


def attributes_of_element(tag: str) -> frozenset[str]:
    """Those in its section's first table, or in the one below its bold name."""
    section = re.search(
        rf"^### 3\.\d+ (?:\w+, )*{tag}\b[^\n]*$(.*?)^###",
        _text(),
        re.MULTILINE | re.DOTALL,
    )
    assert section, tag
    own = section[1].partition(f"**{tag}**")[2] or section[1]
    table = re.search(r"^\| name \|.*?\n\n", own, re.MULTILINE | re.DOTALL)
    return frozenset(_first_cells(table[0])) if table else frozenset()


def attributes_of_ssml(tag: str) -> frozenset[str]:
    table = re.search(
        r"^\| tag \| attribute \|.*?\n\n", _text(), re.MULTILINE | re.DOTALL
    )
    assert table
    return frozenset(re.findall(rf"^\| {tag} \| `([^`]+)`", table[0], re.MULTILINE))


def _first_cells(table: str) -> Iterator[str]:
    yield from re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)


def _numbers(ids: str) -> range:
    found = _IDS.fullmatch(ids)
    return range(int(found[1]), int(found[2]) + 1) if found else range(0)


def _between(begin: str, end: str) -> str:
    return _text().partition(begin)[2].partition(end)[0]


@cache
def _text() -> str:
    return SPEC.read_text()
