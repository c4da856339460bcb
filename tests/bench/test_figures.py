import math

import pytest

from bench.figures import Figure, missed, percentile, shown, table


@pytest.mark.parametrize(
    ("percent", "expected"), [(50, 2), (75, 3), (99, 4), (100, 4), (1, 1)]
)
def test_a_percentile_is_one_of_the_values(percent: float, expected: float) -> None:
    assert percentile([4, 1, 3, 2], percent) == expected


def test_nothing_measured_meets_no_target() -> None:
    nothing = percentile([], 50)

    assert math.isnan(nothing)
    assert Figure("a", nothing, target=5).verdict == "MISSED"
    assert Figure("a", nothing, target=5, at_least=True).verdict == "MISSED"


def test_less_is_better_unless_the_figure_says_otherwise() -> None:
    assert Figure("latency", 4, target=5).verdict == "met"
    assert Figure("latency", 6, target=5).verdict == "MISSED"
    assert Figure("rate", 4, target=5, at_least=True).verdict == "MISSED"
    assert Figure("rate", 5, target=5, at_least=True).verdict == "met"


def test_a_fast_figure_with_failures_is_missed() -> None:
    figure = Figure("latency", 1, target=5, failures=1, samples=9)

    assert figure.verdict == "MISSED"


def test_a_figure_without_target_is_neither_met_nor_missed() -> None:
    figure = Figure("idle", 3)

    assert figure.verdict == ""
    assert missed([figure, Figure("latency", 6, target=5)]) == 1


def test_the_table_has_one_aligned_line_for_each_figure() -> None:
    lines = table(
        [Figure("a", 1.5, "ms", 2), Figure("longer", 3, "calls", 4, at_least=True)]
    ).splitlines()

    assert len(lines) == 4
    assert len({len(line) for line in lines}) == 1
    assert "≤ 2 ms" in lines[2]
    assert "≥ 4 calls" in lines[3]


@pytest.mark.parametrize(
    ("value", "text"), [(0.12345, "0.123"), (12.345, "12.3"), (10_000, "10,000")]
)
def test_values_show_three_digits(value: float, text: str) -> None:
    assert shown(value) == text
