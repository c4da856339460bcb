"""What lint says of a place in a document."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from voiceplat.xml.document import Source

_LINE_MAX: Final = 240
_SHOWN: Final = 40


class Severity(StrEnum):
    ERROR = "error"
    """The document fails as a whole."""
    WARNING = "warning"
    """It runs, and something in it does not do what it says."""
    NOTE = "note"
    """It does what it says, which may surprise."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of finding: a row of docs/lint.md, a document in tests/corpus/lint."""

    name: str
    severity: Severity
    means: str
    remedy: str
    statement: int | None = None
    """Of plivo-xml 5, where the specification has one."""
    cause: int | None = None
    """Why a call ends that comes to this place."""
    exact: tuple[int, ...] = ()
    """Statements that a finding may name instead, because it knows the element."""

    def at(
        self,
        source: Source,
        what: str,
        *,
        statement: int | None = None,
        cause: int | None = None,
    ) -> "Finding":
        return Finding(
            self,
            line=source.line,
            element=shortened(source.tag),
            what=one_line(what, _LINE_MAX),
            statement=statement or self.statement,
            cause=cause or self.cause,
        )


@dataclass(frozen=True, slots=True)
class Finding:
    kind: Kind
    line: int
    element: str
    what: str
    statement: int | None = None
    cause: int | None = None

    @property
    def severity(self) -> Severity:
        return self.kind.severity

    @property
    def message(self) -> str:
        """What, why, and what to do about it."""
        return f"{self.what}; {self.kind.remedy}"

    @property
    def references(self) -> str:
        """`(statement 22, cause 8011)`, or what there is of it."""
        parts = {"statement": self.statement, "cause": self.cause}
        told = [f"{name} {number}" for name, number in parts.items() if number]
        return f"({', '.join(told)})" if told else ""

    def as_json(self) -> Mapping[str, object]:
        return {
            "line": self.line,
            "element": self.element,
            "severity": self.severity.value,
            "statement": self.statement,
            "cause": self.cause,
            "message": self.message,
        }


def shortened(text: str) -> str:
    """A value or a name, where it is only to be recognised."""
    return one_line(text, _SHOWN)


def one_line(text: str, length: int) -> str:
    """Fit for a terminal, whatever a document holds."""
    line = " ".join(text.split())
    line = line if len(line) <= length else line[: length - 1] + "…"
    return "".join(char if char.isprintable() else "�" for char in line)
