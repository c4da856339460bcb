"""What a reviewer would otherwise have to say twice. Each rule says what to do."""

import ast
import re
from itertools import chain
from pathlib import Path
from typing import Final

from scripts.doc_tables import settings
from tests.repository import ROOT, at, names, obey, texts, tracked, tree, under

FILE_LINES: Final = 400
FUNCTION_LINES: Final = 50


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


def test_whoever_fetches_for_customers_checks_addresses() -> None:
    """Other HTTP clients speak over Unix sockets, or to our own API."""
    guarded = {"voiceplat/webhooks/client.py", "voiceplat/speech_service/fetching.py"}
    ours = {
        "voiceplat/core/addresses.py",
        "voiceplat/cli/readiness.py",
        "voiceplat/speech/client.py",
        "voiceplat/speech/transcribing.py",
    }
    sdk = ROOT / "voiceplat/cli/sdk"  # runs on the customer's machine
    clients = {
        at(path)
        for path in under("voiceplat")
        if not path.is_relative_to(sdk)
        and re.search(r"httpx\.(Async)?Client\(|urlopen\(|aiohttp", path.read_text())
    }
    open_ = {it for it in guarded if "guarded_transport(" not in _text(it)}

    obey(
        clients - guarded - ours, "fetch with voiceplat.core.addresses, or say why not"
    )
    obey(open_, "give its client a guarded_transport")


def _text(name: str) -> str:
    return (ROOT / name).read_text()


# --- one place for each name -------------------------------------------------------


def test_wire_names_of_callbacks_stand_in_one_module() -> None:
    homes = set((ROOT / "voiceplat/calls").glob("*params.py"))
    demo = set(under("voiceplat/cli/demo"))  # it plays the customer, who reads them
    written = [text for home in homes for _, text in texts(home)]
    wire = {text for text in written if re.fullmatch(r"([A-Z]\w+){2,}", text)}
    wire = {text for text in wire if re.search(r"[a-z][A-Z]", text)}
    strays = [
        f"{at(path, line)} {text}"
        for path in set(under("voiceplat")) - homes - demo
        for line, text in texts(path)
        if text in wire
    ]

    assert "CallUUID" in wire
    obey(strays, "let voiceplat/calls/*params.py build the fields of a callback")


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
