"""docs/conformance.md: the specifications' score sheets, filled in from the tests."""

from collections.abc import Iterator, Mapping

from tests.conformance.spec import (
    Row,
    Statement,
    attributes_of_element,
    attributes_of_ssml,
    checklist,
    rows,
    statements,
)
from voiceplat.xml.element import Attributes, has_effect, spellings
from voiceplat.xml.registry import ELEMENTS
from voiceplat.xml.ssml import TAGS

Proofs = Mapping[int, list[str]]
"""The tests that prove a statement, by its number."""

HEAD = """# Conformance

How much of [the XML specification](spec/plivo-xml.md) is there. Made by
`make conformance` from the tests that carry `@pytest.mark.statement(…)` and from the
registered elements; a test keeps it current. A statement passes when a test that runs
in `make test` proves it; one that is skipped or expected to fail proves nothing. An
attribute is done when it has its effect; one that is only read and checked is not.

The last table is the checklist of [the REST specification](spec/plivo-rest.md), section
11, proven in the same way by `@pytest.mark.checklist(…)`.
"""


def report(proofs: Proofs, rest: Proofs) -> str:
    """`proofs` of the XML's statements, `rest` of the REST API's checklist."""
    xml = [*_scores(proofs), "", *_sheet(proofs), *_lists(proofs)]
    return "\n".join([HEAD, *xml, *_checklist(rest), ""])


def attributes_done(row: Row) -> int:
    if tag := TAGS.get(row.name.removeprefix("SSML ")):
        return len(_working(tag) & attributes_of_ssml(tag.name))
    if element := ELEMENTS.get(row.name):
        return len(_working(element) & attributes_of_element(row.name))
    return 0


def _working(kind: type[Attributes]) -> set[str]:
    fields = kind.model_fields.values()
    return {name for it in fields if has_effect(it) for name in spellings(it)}


def _scores(proofs: Proofs) -> Iterator[str]:
    done = sum(attributes_done(row) for row in rows())
    of = sum(row.attributes for row in rows())
    everything = statements()
    documented = [it for it in everything if it.is_documented]
    yield "| score | attributes | statements | (attributes + statements) ÷ 2 |"
    yield "|---|---|---|---|"
    for name, counted in (("all", everything), ("docs and sdk only", documented)):
        passed = sum(it.number in proofs for it in counted)
        score = (done / of + passed / len(counted)) / 2
        yield f"| {name} | {done}/{of} | {passed}/{len(counted)} | {score:.1%} |"


def _sheet(proofs: Proofs) -> Iterator[str]:
    yield "| element | attributes done | items passed |"
    yield "|---|---|---|"
    for row in rows():
        passed = sum(number in proofs for number in row.numbers)
        items = f"{passed}/{len(row.numbers)}" if row.numbers else "-"
        yield f"| {row.name} | {attributes_done(row)}/{row.attributes} | {items} |"


def _lists(proofs: Proofs) -> Iterator[str]:
    section = ""
    for statement in statements():
        if statement.section != section:
            section = statement.section
            yield f"\n## {section}\n"
            yield "| no. | statement | from | passes | proved by |"
            yield "|---|---|---|---|---|"
        yield _line(statement, proofs.get(statement.number, []))


def _checklist(proofs: Proofs) -> Iterator[str]:
    passed = sum(check.number in proofs for check in checklist())
    yield f"\n## REST API: {passed}/{len(checklist())}\n"
    yield "| no. | check | passes | proved by |"
    yield "|---|---|---|---|"
    for check in checklist():
        mark, proved = _proof(proofs.get(check.number, []))
        text = check.text.replace("|", r"\|")
        yield f"| {check.number} | {text} | {mark} | {proved} |"


def _proof(tests: list[str]) -> tuple[str, str]:
    return "yes" if tests else "no", "<br>".join(f"`{test}`" for test in tests)


def _line(statement: Statement, tests: list[str]) -> str:
    text = statement.text.replace("|", r"\|")
    mark, proved = _proof(tests)
    return f"| {statement.number} | {text} | {statement.evidence} | {mark} | {proved} |"
