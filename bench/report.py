"""What one run came to, as JSON, and as the table that a page of docs shows of it."""

import json
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bench.figures import Figure, missed, table
from voiceplat.core.clock import utc_now

BEGIN: Final = "<!-- measured: make bench -->"
END: Final = "<!-- end -->"

Report = dict[str, Any]


def report_of(figures: Sequence[Figure], seconds: float) -> Report:
    return {
        "at": utc_now().isoformat(timespec="seconds"),
        "machine": _machine(),
        "load_at_end": [round(one, 1) for one in os.getloadavg()],
        "took_s": round(seconds),
        "figures": [one.as_json() for one in figures],
        "missed": missed(figures),
    }


def write_json(report: Report, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(report, indent=2) + "\n")


def read_json(file: Path) -> Report:
    report: Report = json.loads(file.read_text())
    return report


def figures_of(report: Report) -> list[Figure]:
    return [Figure.from_json(one) for one in report["figures"]]


def shown_report(report: Report) -> str:
    """For people: the table, then where it was measured; the last line is the sum."""
    return "\n".join(
        (
            table(figures_of(report)),
            f"machine: {report['machine']}; {_when(report)}",
            f"targets missed: {report['missed']}",
        )
    )


def write_docs(report: Report, page: Path) -> None:
    """Put the table between the two marker lines of a page."""
    before, begin, rest = page.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{page} has no lines {BEGIN} and {END}: put the table there")
    measured = (
        f"{report['machine']}; {_when(report)}. Targets missed: {report['missed']}."
    )
    block = f"{begin}\n{measured}\n\n{table(figures_of(report))}\n{end}"
    page.write_text(before + block + after)


def _when(report: Report) -> str:
    load = ", ".join(f"{one:.1f}" for one in report["load_at_end"])
    minutes = report["took_s"] / 60
    return f"{report['at']}, {minutes:.0f} minutes, load at the end {load}"


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
