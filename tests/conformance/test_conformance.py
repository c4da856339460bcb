"""The score sheet: read right from the specification, and current."""

import subprocess
import sys

import pytest

from tests.conformance.generate import ROOT, ProofCollector
from tests.conformance.report import attributes_done, report
from tests.conformance.sdk_methods import MethodCollector
from tests.conformance.spec import (
    attributes_of_element,
    attributes_of_ssml,
    checklist,
    rows,
    statements,
)
from voiceplat.xml.element import attributes_of
from voiceplat.xml.registry import ELEMENTS, KNOWN
from voiceplat.xml.ssml import TAGS

pytest_plugins = ["pytester"]


def test_all_statements_of_the_specification_are_read() -> None:
    numbers = [it.number for it in statements()]

    assert numbers == list(range(1, 325))
    assert sum(it.is_documented for it in statements()) == 264


def test_the_whole_checklist_of_the_rest_api_is_read_and_proven() -> None:
    numbers = [check.number for check in checklist()]
    page = (ROOT / "docs/conformance.md").read_text()

    assert numbers == list(range(1, 11))
    assert "## REST API: 10/10" in page


def test_every_statement_is_in_one_row_of_the_score_sheet() -> None:
    numbers = [number for row in rows() for number in row.numbers]

    assert sorted(numbers) == list(range(1, 325))
    assert sum(row.attributes for row in rows()) == 193


def test_the_tables_of_attributes_are_as_long_as_the_score_sheet_says() -> None:
    told = {row.name: row.attributes for row in rows()}

    for name in ELEMENTS:
        assert len(attributes_of_element(name)) == told[name], name
    for name in TAGS:
        assert len(attributes_of_ssml(name)) == told[f"SSML {name}"], name


def test_every_attribute_of_the_specification_is_read() -> None:
    for name, element in ELEMENTS.items():
        assert attributes_of_element(name) <= attributes_of(element).keys(), name
    for name, tag in TAGS.items():
        assert attributes_of_ssml(name) == attributes_of(tag).keys(), name


def test_the_elements_are_those_of_the_specification() -> None:
    told = {row.name for row in rows() if row.name[0].isupper()}

    assert {name for name in told if not name.startswith("SSML")} == KNOWN


def test_an_attribute_without_effect_is_not_done() -> None:
    done = {row.name: attributes_done(row) for row in rows()}

    assert (done["Wait"], done["Hangup"], done["SSML sub"]) == (4, 2, 1)
    assert (done["SSML break"], done["Stream"]) == (2, 0)


def test_a_statement_passes_by_a_test_and_the_scores_say_so() -> None:
    page = report({1: ["tests/a.py::test_b"]}, {2: ["tests/a.py::test_c"]})

    assert "| 1/324 |" in page
    assert "| docs | yes | `tests/a.py::test_b` |" in page
    assert page.count("| no |") == 323 + 9
    assert "## REST API: 1/10" in page


def test_what_is_skipped_or_expected_to_fail_proves_nothing(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeini(
        """
        [pytest]
        asyncio_default_fixture_loop_scope = function
        markers = statement(*numbers)
        """
    )
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.statement(1, 2)
        def test_runs(): ...

        @pytest.mark.statement(3)
        @pytest.mark.skip
        def test_skipped(): ...

        @pytest.mark.statement(4)
        @pytest.mark.xfail
        def test_fails(): ...

        @pytest.mark.statement(5)
        @pytest.mark.skipif(True, reason="never")
        def test_never(): ...

        @pytest.mark.statement(6)
        @pytest.mark.skipif(False, reason="always runs")
        def test_always(): ...

        @pytest.mark.statement(7)
        @pytest.mark.parametrize("a", [1, pytest.param(2, marks=pytest.mark.skip)])
        def test_half(a): ...
        """
    )
    collector = ProofCollector("statement")

    pytester.inline_run("--collect-only", plugins=[collector])

    assert collector.sorted_proofs().keys() == {1, 2, 6}


def test_a_method_of_an_sdk_passes_by_a_test_of_its_own_that_runs(
    pytester: pytest.Pytester,
) -> None:
    pytester.makeini(
        """
        [pytest]
        asyncio_default_fixture_loop_scope = function
        markers = sdk_method(sdk, *methods)
        """
    )
    pytester.makepyfile(
        """
        import pytest

        def of(method, *more):
            marks = [pytest.mark.sdk_method("node", method), *more]
            return pytest.param(1, marks=marks)

        @pytest.mark.parametrize(
            "a", [of("calls.create"), of("calls.list", pytest.mark.skip)]
        )
        def test_methods(a): ...

        @pytest.mark.sdk_method("python", "calls.create", "calls.get")
        def test_two(): ...

        @pytest.mark.sdk_method("python", "calls.list")
        @pytest.mark.xfail
        def test_fails(): ...
        """
    )
    collector = MethodCollector()

    pytester.inline_run("--collect-only", plugins=[collector])

    assert collector.proven["python"] == {"calls.create", "calls.get"}
    assert collector.proven["node"] == {"calls.create"}
    assert "| python | 2/110 | 108 |" in collector.sheet()
    assert "| `calls.list` | not built |" in collector.sheet()


def test_the_page_is_current() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "tests.conformance.generate", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    said = checked.stdout + checked.stderr
    assert checked.returncode == 0, f"{said[-2000:]}run `make conformance`"
