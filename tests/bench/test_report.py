import json
from pathlib import Path

import pytest

from bench.figures import Figure
from bench.report import (
    BEGIN,
    END,
    Report,
    read_json,
    report_of,
    shown_report,
    write_docs,
    write_json,
)


@pytest.fixture
def report() -> Report:
    return report_of([Figure("latency", 6, target=5), Figure("idle", 3, "MB")], 61)


def test_what_was_written_is_read_as_it_was(report: Report, tmp_path: Path) -> None:
    file = tmp_path / "new" / "bench.json"

    write_json(report, file)

    assert read_json(file) == report
    assert json.loads(file.read_text())["missed"] == 1


def test_the_last_line_counts_the_targets_that_were_missed(report: Report) -> None:
    assert shown_report(report).splitlines()[-1] == "targets missed: 1"


def test_a_page_gets_the_table_between_its_marks(
    report: Report, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")

    write_docs(report, page)
    once = page.read_text()
    write_docs(report, page)

    assert page.read_text() == once
    assert once.startswith(f"before\n{BEGIN}\n")
    assert once.endswith(f"{END}\nafter\n")
    assert "| latency | ≤ 5 ms | 6 ms     |        | MISSED  |" in once
    assert "old" not in once


def test_a_page_without_marks_is_left_alone(report: Report, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n")

    with pytest.raises(SystemExit, match="put the table there"):
        write_docs(report, page)

    assert page.read_text() == "before\n"
