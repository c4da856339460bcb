"""The documentation says what is so: tables, names, links and headings."""

import re
from pathlib import Path
from typing import Final

import pytest

from scripts.doc_tables import TABLES, WHOLE, current, settings
from tests.repository import ROOT, at, obey, tracked, under
from voiceplat.xml.registry import ELEMENTS, NOT_YET

README_LINES: Final = 120
ADR_HEADINGS: Final = [
    "Context",
    "Decision",
    "Consequences",
    "Alternatives",
    "References",
]


def test_the_table_of_elements_is_whole() -> None:
    """Every attribute in its element's row, and what is not there yet by name."""
    page = (ROOT / "docs/elements.md").read_text()
    here, _, not_yet = page.partition("## Not there yet")
    rows = dict(re.findall(r"^\| `(\w+)` \|(.*)$", here, re.MULTILINE))
    unsaid = [
        f"{tag}: {field.alias or name}"
        for tag, element in ELEMENTS.items()
        for name, field in element.model_fields.items()
        if name not in {"text", "content", "children"}
        and f"`{field.alias or name}`" not in rows.get(tag, "")
    ]
    absent = {f"{tag}: not there yet" for tag in NOT_YET if f"`{tag}`" not in not_yet}

    obey([*unsaid, *absent], "docs/elements.md must say")


@pytest.mark.parametrize("page", [*TABLES, *WHOLE])
def test_generated_tables_are_current(page: str) -> None:
    assert (ROOT / page).read_text() == current(page), f"{page}: run `make docs`"


def test_every_setting_says_what_it_is() -> None:
    silent = [it.path for it in settings() if not it.meaning]

    obey(silent, "write a line under each of these in voiceplat/core/settings.py")


def test_the_readme_is_a_map_not_a_manual() -> None:
    lines = len((ROOT / "README.md").read_text().splitlines())

    assert lines <= README_LINES, f"README.md has {lines} lines: move detail to docs/"


def pages() -> list[Path]:
    spec = ROOT / "docs/spec"
    return [path for path in under(".", ".md") if not path.is_relative_to(spec)]


def anchors(page: Path) -> set[str]:
    """The `#fragment` of each heading, as the common forges make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    words = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {word.strip().replace(" ", "-") for word in words}


def test_every_link_in_the_documentation_leads_somewhere() -> None:
    dead: list[str] = []
    for page in pages():
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, fragment = target.partition("#")
            goal = (page.parent / name).resolve() if name else page
            if not goal.exists() or (fragment and fragment not in anchors(goal)):
                dead.append(f"{at(page)} → {target}")

    obey(dead, "mend the link, or take it out")


def test_names_in_the_documentation_are_names_in_the_code() -> None:
    """Settings, log events, files, functions: what stands in backticks exists."""
    foreign = {"pg_dump", "pg_restore"}
    code = "\n".join(
        path.read_text(errors="replace")
        for path in tracked()
        if path.suffix != ".md" and not path.is_relative_to(ROOT / "tests")
    )
    quoted = re.compile(r"`([a-z]+(?:[_.][a-z]+)*_[a-z_]+)`")
    unknown = [
        f"{at(page)} {name}"
        for page in pages()
        if page.name != "conformance.md"  # it speaks of the contract, not of the code
        for name in set(quoted.findall(page.read_text())) - foreign
        if not re.search(rf"\b{name.rpartition('.')[2]}\b", code)
    ]

    obey(unknown, "the code has no such name (any more); mend the page")


def test_files_named_in_the_documentation_exist() -> None:
    """`bus/queue.py`, `docs/`, `enqueue.lua`: from the root, or from voiceplat/."""
    paths = re.compile(r"`((?:[\w.-]+/)+(?:[\w-]+\.\w+)?|[\w-]+\.(?:py|lua|cfg))`")
    lost = [
        f"{at(page)} {name}"
        for page in pages()
        for name in set(paths.findall(page.read_text()))
        if not name.startswith("data/") and not _exists(name)  # made when it runs
    ]

    obey(lost, "there is no such file (any more); mend the page")


def test_every_promise_of_security_has_its_test() -> None:
    page = (ROOT / "docs/security.md").read_text()
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", page)
    gone = [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).exists()
        or (test and not re.search(rf"def {test}\b", (ROOT / file).read_text()))
    ]
    promises = re.findall(
        r"^\| (.+?) \| (.+) \|$", page.split("## What listens")[0], re.MULTILINE
    )
    unkept = [it for it, kept in promises if it != "promise" and "`tests/" not in kept]

    assert len(named) > 60
    obey(
        [*gone, *(it for it in unkept if "---" not in it)],
        "docs/security.md: name its test",
    )


def _exists(name: str) -> bool:
    if "/" not in name:
        return any(path.name == name for path in tracked())
    return (ROOT / name).exists() or (ROOT / "voiceplat" / name).exists()


def decisions() -> list[Path]:
    return sorted((ROOT / "docs/adr").glob("[0-9]*.md"))


def test_every_decision_record_has_its_five_headings() -> None:
    odd = [
        f"{at(path)} {found}"
        for path in decisions()
        if (found := re.findall(r"^## (.+)$", path.read_text(), re.MULTILINE))
        != ADR_HEADINGS
    ]

    obey(odd, f"the headings of a decision record are {', '.join(ADR_HEADINGS)}")


def test_the_changelog_has_a_place_for_what_comes_next() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()

    assert re.search(r"^## \[?Unreleased\]?$", changelog, re.MULTILINE), (
        "CHANGELOG.md needs a section `## [Unreleased]` for what has changed"
    )
