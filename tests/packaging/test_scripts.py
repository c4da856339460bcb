import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.packaging.conftest import BIN, ROOT

SCRIPTS = [
    path
    for folder in ("scripts", ".ci")
    for path in sorted((ROOT / folder).iterdir())
    if path.is_file() and path.read_text().startswith("#!/usr/bin/env bash")
]
LOCKED = re.compile(r"^([a-z0-9][\w.\-]*)==.* \\\n    --hash=sha256:", re.MULTILINE)


def make(*arguments: str) -> str:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_shell_scripts_are_clean(script: Path) -> None:
    found = subprocess.run(
        [BIN / "shellcheck", script], capture_output=True, text=True, check=False
    )

    assert (found.returncode, found.stdout) == (0, "")


def test_make_without_a_target_lists_every_command() -> None:
    makefile = (ROOT / "Makefile").read_text()
    commands = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[0].split()

    shown = make()

    assert "run" in commands
    for command in commands:
        assert f"make {command} " in shown


@pytest.mark.parametrize("command", ["run", "test", "demo", "check", "conformance"])
def test_each_command_makes_the_machine_ready_first(command: str) -> None:
    steps = make("--dry-run", command).splitlines()

    assert steps[0] == f"scripts/setup {'run' if command == 'run' else 'test'}"


@pytest.mark.parametrize("lock", ["bootstrap.lock", "dev.lock", ".lock"])
def test_every_locked_package_has_its_hashes(lock: str) -> None:
    text = (ROOT / f"requirements-{lock}".replace("-.", ".")).read_text()

    packages = re.findall(r"^[a-z0-9]", text, re.MULTILINE)

    assert packages
    assert len(LOCKED.findall(text)) == len(packages)


def test_the_locks_hold_every_package_that_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = project["dependencies"]
    for lock, asked in {
        "requirements.lock": needed,
        "requirements-dev.lock": needed + project["optional-dependencies"]["dev"],
    }.items():
        names = {re.split(r"[\[<>=!~ ;]", it)[0].lower() for it in asked}

        locked = set(LOCKED.findall((ROOT / lock).read_text()))

        assert names <= locked, f"{lock} is behind pyproject.toml: run `make lock`"
