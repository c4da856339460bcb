"""Does a quantity grow that should stay as it is? A line through its samples tells.

The slope of the line and its standard error (least squares) say by how much it grows in
an hour, and how sure that is: in a short run only what grows fast is certain to.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

HOUR_S: Final = 3600
SURE: Final = 3
"""Standard errors."""


@dataclass(frozen=True, slots=True)
class Sample:
    at_s: float
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Growth:
    name: str
    first: float
    last: float
    hourly: float
    error: float
    """Standard error of `hourly`."""
    allowed: float
    """In an hour."""
    at_least: float = 0.0
    """Less than this in all is a pool that fills, or a cache, however sure it is."""

    @property
    def grows(self) -> bool:
        surely = self.hourly - SURE * self.error > self.allowed
        return surely and self.last - self.first > self.at_least


def growth_of(
    samples: Sequence[Sample], name: str, allowed: float, at_least: float = 0.0
) -> Growth:
    """A value that a sample does not have is 0 there."""
    times = [sample.at_s / HOUR_S for sample in samples]
    values = [sample.values.get(name, 0.0) for sample in samples]
    count = len(samples)
    middle, mean = sum(times) / count, sum(values) / count
    spread = sum((time - middle) ** 2 for time in times)
    slope = (
        sum((time - middle) * value for time, value in zip(times, values, strict=True))
        / spread
    )
    missed = sum(
        (value - mean - slope * (time - middle)) ** 2
        for time, value in zip(times, values, strict=True)
    )
    error = math.sqrt(missed / (count - 2) / spread)
    line = [mean + slope * (times[at] - middle) for at in (0, -1)]
    return Growth(name, line[0], line[1], slope, error, allowed, at_least)


def table(growths: Sequence[Growth]) -> str:
    rows = [("what", "at first", "at last", "in an hour", "allowed", "verdict")]
    rows += [
        (
            it.name,
            f"{it.first:.1f}",
            f"{it.last:.1f}",
            f"{it.hourly:+.1f} ± {SURE * it.error:.1f}",
            f"{it.allowed:.1f}",
            "GROWS" if it.grows else "flat",
        )
        for it in growths
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
