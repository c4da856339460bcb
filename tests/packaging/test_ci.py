"""The CI script in a tree whose `make test` is a stand-in."""

import shutil
import subprocess
from pathlib import Path
from time import sleep

import pytest

from tests.packaging.conftest import ROOT


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    return tmp_path


def ci(tree: Path, test: str) -> subprocess.CompletedProcess[str]:
    (tree / "Makefile").write_text(f".PHONY: test\ntest:\n\t@{test}\n")
    return subprocess.run(
        ["bash", ".ci/run"],
        cwd=tree,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_it_passes_when_the_tests_pass_and_prints_their_last_line_last(
    tree: Path,
) -> None:
    done = ci(tree, "echo '7 passed in 1.00s'")

    assert (done.returncode, done.stdout) == (0, "7 passed in 1.00s\n")


def test_it_fails_when_the_tests_fail(tree: Path) -> None:
    done = ci(tree, "exit 1")

    assert done.returncode != 0


@pytest.mark.real_time
def test_it_fails_when_a_process_is_left_behind_and_ends_it(tree: Path) -> None:
    done = ci(tree, "setsid sleep 300 >/dev/null 2>&1 & echo $$! >pid")
    pid = (tree / "pid").read_text().strip()

    assert done.returncode == 1
    assert f"sleep 300 ({pid})" in done.stderr
    assert _has_ended(Path(f"/proc/{pid}/status"))


@pytest.mark.real_time
def test_a_process_that_is_just_ending_is_waited_for(tree: Path) -> None:
    done = ci(tree, "setsid sleep 0.7 >/dev/null 2>&1 & true")

    assert done.returncode == 0


def _has_ended(status: Path) -> bool:
    """Whether a process that was told to end does so before long."""
    for _ in range(200):
        try:
            if "State:\tZ" in status.read_text():
                return True
        except OSError:  # it is gone
            return True
        sleep(0.02)
    return False
