"""What a reviewer would otherwise have to say twice. Each rule says what to do."""

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from scripts.doc_tables import TABLES, current, settings
from voiceplat.xml.registry import ELEMENTS, NOT_YET

ROOT: Final = Path(__file__).parents[1]
FILE_LINES: Final = 400
FUNCTION_LINES: Final = 50
README_LINES: Final = 120
ADR_HEADINGS: Final = [
    "Context",
    "Decision",
    "Consequences",
    "Alternatives",
    "References",
]


def obey(broken: Iterable[str], advice: str) -> None:
    places = "\n  ".join(sorted(broken))
    assert not places, f"{advice}:\n  {places}"


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that is, or is about to be, under version control."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return tuple(path for name in listing if (path := ROOT / name).is_file())


def under(folder: str, suffix: str = ".py") -> list[Path]:
    return [
        path
        for path in tracked()
        if path.suffix == suffix and path.is_relative_to(ROOT / folder)
    ]


def at(path: Path, line: int | None = None) -> str:
    name = str(path.relative_to(ROOT))
    return name if line is None else f"{name}:{line}"


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """String constants with their lines, docstrings apart."""
    docs = {
        node.value
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and node not in docs:
            value = node.value
            if isinstance(value, str):
                yield node.lineno, value


def names(path: Path) -> Iterator[tuple[int, str]]:
    """Names that a file gives to its classes, functions, parameters and variables."""
    for node in ast.walk(tree(path)):
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id


# --- size and place ----------------------------------------------------------------


def test_files_are_short() -> None:
    long = [
        f"{at(path)} ({lines})"
        for path in under(".")
        if (lines := len(path.read_text().splitlines())) > FILE_LINES
    ]

    obey(long, f"split by responsibility what is longer than {FILE_LINES} lines")


def test_functions_are_short() -> None:
    migrations = set(under("migrations"))  # those are lists of tables
    long = [
        f"{at(path, node.lineno)} {node.name} ({lines})"
        for path in set(under(".")) - migrations
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    ]

    obey(long, f"name the steps of what is longer than {FUNCTION_LINES} lines")


def test_there_is_no_drawer_for_odds_and_ends() -> None:
    drawer = re.compile(r"(^|_)(utils?|helpers?|managers?|misc)(_|$)")
    found = [
        at(path)
        for path in under("voiceplat")
        if any(drawer.search(part.removesuffix(".py")) for part in path.parts)
    ]

    obey(found, "name the module after the one thing that it knows")


def test_nobody_but_the_engine_commits() -> None:
    commits = [
        at(path, node.lineno)
        for path in under("voiceplat")
        if path != ROOT / "voiceplat/db/engine.py"
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
    ]

    obey(commits, "work inside `async with db.transaction()`; its end is the commit")


def test_pjsua2_stays_inside_telephony() -> None:
    telephony = ROOT / "voiceplat/telephony"
    users = [
        at(path)
        for path in under("voiceplat")
        if not path.is_relative_to(telephony)
        and re.search(r"^\s*(import|from) pjsua2", path.read_text(), re.MULTILINE)
    ]

    obey(users, "speak to voiceplat.calls.leg; pjsua2 is telephony's alone")


# --- one place for each name -------------------------------------------------------


def test_wire_names_of_callbacks_stand_in_one_module() -> None:
    home = ROOT / "voiceplat/calls/params.py"
    demo = set(under("voiceplat/cli/demo"))  # it plays the customer, who reads them
    wire = {text for _, text in texts(home) if re.fullmatch(r"([A-Z]\w+){2,}", text)}
    wire = {text for text in wire if re.search(r"[a-z][A-Z]", text)}
    strays = [
        f"{at(path, line)} {text}"
        for path in set(under("voiceplat")) - {home} - demo
        for line, text in texts(path)
        if text in wire
    ]

    assert "CallUUID" in wire
    obey(strays, "let voiceplat/calls/params.py build the fields of a callback")


def test_redis_keys_are_built_in_one_module() -> None:
    home = ROOT / "voiceplat/bus/keys.py"
    in_python = [
        f"{at(path, line)} {text!r}"
        for path in under("voiceplat")
        if path != home
        for line, text in texts(path)
        if text.startswith("vp:")
    ]
    in_lua = [
        f"{at(path, number)} {line.strip()}"
        for path in under("voiceplat", ".lua")
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if "vp:" in line.partition("--")[0]
    ]

    obey([*in_python, *in_lua], "take the key from voiceplat.bus.keys, or be given it")


def test_every_setting_is_used() -> None:
    sources = "\n".join(
        path.read_text()
        for path in under("voiceplat")
        if path.name != "settings.py" or path.parent.name != "core"
    )
    unused = [
        it.path
        for it in settings()
        if it.path != "config" and not re.search(rf"\.{_last(it.path)}\b", sources)
    ]

    obey(unused, "a setting that nothing reads promises what is not there; remove it")


def _last(path: str) -> str:
    return path.rpartition(".")[2]


# --- elements ----------------------------------------------------------------------


def elements() -> list[Path]:
    folder = ROOT / "voiceplat/xml/elements"
    return [
        path
        for path in under("voiceplat/xml/elements")
        if path.parent == folder and not path.name.startswith("_")
    ]


def test_every_element_has_its_test_its_corpus_and_its_row() -> None:
    tests = {path.name for path in under("tests/xml")}
    corpus = "\n".join(path.read_text() for path in under("tests/corpus/good", ".xml"))
    table = (ROOT / "docs/elements.md").read_text()
    missing: list[str] = []
    for path in elements():
        tag = path.stem.replace("_", "")
        if f"test_{path.name}" not in tests:
            missing.append(f"tests/xml/…/test_{path.name}")
        if not re.search(rf"<{tag}\b", corpus, re.IGNORECASE):
            missing.append(f"a document with <{tag}> in tests/corpus/good")
        if not re.search(rf"^\| `?{tag}\b", table, re.IGNORECASE | re.MULTILINE):
            missing.append(f"a row that begins with `{tag}` in docs/elements.md")

    obey(missing, "an element comes with a test, a corpus document and a docs row; add")


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


# --- documentation -----------------------------------------------------------------


@pytest.mark.parametrize("page", TABLES)
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
    foreign = {"pg_dump"}
    code = "\n".join(
        path.read_text(errors="replace")
        for path in tracked()
        if path.suffix != ".md" and not path.is_relative_to(ROOT / "tests")
    )
    quoted = re.compile(r"`([a-z]+(?:[_.][a-z]+)*_[a-z_]+)`")
    unknown = [
        f"{at(page)} {name}"
        for page in pages()
        for name in set(quoted.findall(page.read_text())) - foreign
        if not re.search(rf"\b{_last(name)}\b", code)
    ]

    obey(unknown, "the code has no such name (any more); mend the page")


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


def test_no_file_names_a_package_index() -> None:
    hosts = ["pypi" + ".org", "python" + "hosted.org", "registry." + "npmjs"]
    hosts += ["deb." + "debian.org", "proxy." + "golang.org"]
    found = [
        f"{at(path)} {host}"
        for path in tracked()
        for host in hosts
        if host in path.read_text(errors="replace")
    ]

    obey(found, "name packages, never where they come from; installers know")


# --- words -------------------------------------------------------------------------


def words_to_avoid() -> dict[str, str]:
    """Words of the glossary's last column, each with the term to use instead."""
    rows = re.findall(
        r"^\| \*\*(.+?)\*\* \|.*\| (.*?) \|$",
        (ROOT / "docs/glossary.md").read_text(),
        re.MULTILINE,
    )
    pairs = [
        (word.strip(), term)
        for term, avoided in rows
        for word in avoided.split(",")
        if word.strip() != "-"
    ]
    return dict(pairs)


def test_one_word_per_idea() -> None:
    avoided = words_to_avoid()
    found = [
        f"{at(path, line)} {name}: say {avoided[word]}"
        for path in under("voiceplat")
        for line, name in names(path)
        for word in parts(name) & avoided.keys()
    ]

    assert avoided
    obey(found, "use the word of docs/glossary.md, or change the glossary")


def parts(name: str) -> set[str]:
    """`hangUp_URL` → hang, up, url; each word also without a plural s."""
    found = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    lower = [word.lower() for word in found]
    return set(chain(lower, (word.removesuffix("s") for word in lower)))
