"""Writes docs/conformance.md; with `--check` it only says whether that is current.

python -m tests.conformance.generate [--check]
"""

import contextlib
import io
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.conformance.report import report
from tests.conformance.sdk_methods import MethodCollector
from tests.conformance.spec import checklist, statements

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/conformance.md"
NO_PROOF = ("skip", "xfail")
"""Markers of tests that prove nothing; a `skipif` is judged by its condition."""


class ProofCollector:
    """A pytest plugin: which tests carry which numbers of a marker."""

    def __init__(self, marker: str) -> None:
        self.proofs: dict[int, set[str]] = defaultdict(set)
        self._marker = marker
        self._void: set[str] = set()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            name = item.nodeid.partition("[")[0]
            if any(item.get_closest_marker(marker) for marker in NO_PROOF) or any(
                marker.args[:1] != (False,) for marker in item.iter_markers("skipif")
            ):
                self._void.add(name)
            for marker in item.iter_markers(self._marker):
                for number in marker.args:
                    self.proofs[number].add(name)

    def sorted_proofs(self) -> dict[int, list[str]]:
        found = {
            number: sorted(names - self._void) for number, names in self.proofs.items()
        }
        return {number: names for number, names in sorted(found.items()) if names}


def collect(*others: object) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """Proofs of the XML's statements and of the REST API's checklist.

    `others` are plugins that collect from the same tests. Raises SystemExit when a test
    file cannot be read, or names what is not there.
    """
    xml, rest = ProofCollector("statement"), ProofCollector("checklist")
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        status = pytest.main(
            ["--collect-only", "--quiet", "-p", "no:randomly", str(ROOT / "tests")],
            plugins=[xml, rest, *others],
        )
    if status is not pytest.ExitCode.OK:
        sys.exit(f"{said.getvalue()}\nthe tests could not be collected")
    _check("statements", xml.sorted_proofs(), {it.number for it in statements()})
    _check("checks", rest.sorted_proofs(), {it.number for it in checklist()})
    return xml.sorted_proofs(), rest.sorted_proofs()


def _check(what: str, proofs: Iterable[int], known: set[int]) -> None:
    if strangers := set(proofs) - known:
        sys.exit(f"the specification has no {what} {sorted(strangers)}")


def main(arguments: list[str]) -> int:
    sdk_methods = MethodCollector()
    made = report(*collect(sdk_methods)) + sdk_methods.sheet()
    if arguments == ["--check"]:
        current = PAGE.exists() and PAGE.read_text() == made
        sys.stdout.write("" if current else "docs/conformance.md is out of date\n")
        return 0 if current else 1
    PAGE.write_text(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
