"""What was measured against what was promised: one figure, one row of the table."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal, Self

NO_TARGET: Final = "-"

Verdict = Literal["met", "MISSED", ""]


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value. It is met when it is no worse than its target."""

    name: str
    value: float
    unit: str = "ms"
    target: float | None = None
    at_least: bool = False
    """Whether more is better; else less is."""
    failures: int = 0
    """Attempts that failed; a figure with any is missed."""
    samples: int = 0

    @property
    def verdict(self) -> Verdict:
        if self.target is None:
            return ""
        good = self.value >= self.target if self.at_least else self.value <= self.target
        return "met" if good and not self.failures else "MISSED"

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"verdict": self.verdict}

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Self:
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in row.items() if name in known})


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of them do not exceed (nearest rank).

    NaN when there is none, which meets no target.
    """
    if not values:
        return math.nan
    rank = math.ceil(percent / 100 * len(values))
    return sorted(values)[max(rank, 1) - 1]


def median(values: Sequence[float]) -> float:
    return percentile(values, 50)


def table(figures: Sequence[Figure]) -> str:
    """For people, and for Markdown."""
    rows = [("figure", "target", "measured", "failed", "verdict")]
    rows += [
        (
            figure.name,
            _target(figure),
            f"{shown(figure.value)} {figure.unit}",
            f"{figure.failures} of {figure.samples}" if figure.samples else "",
            figure.verdict,
        )
        for figure in figures
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    rows.insert(1, tuple("-" * width for width in widths))  # type: ignore[arg-type]
    return "\n".join(
        "| "
        + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        + " |"
        for row in rows
    )


def shown(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def missed(figures: Sequence[Figure]) -> int:
    return sum(figure.verdict == "MISSED" for figure in figures)


def _target(figure: Figure) -> str:
    if figure.target is None:
        return NO_TARGET
    sign = "≥" if figure.at_least else "≤"
    return f"{sign} {figure.target:g} {figure.unit}"
