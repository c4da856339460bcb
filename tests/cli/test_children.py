"""A child process that dies is started again, unless it cannot live."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from voiceplat.cli import children
from voiceplat.cli.children import RESTARTS_MAX, Child, ChildFailed

pytestmark = pytest.mark.real_time


def child(folder: Path, lives_s: float) -> Child:
    program = f"import time; print('here', flush=True); time.sleep({lives_s})"
    return Child("child", (sys.executable, "-c", program), folder)


def starts(folder: Path) -> int:
    return (folder / "child.log").read_text().count("here")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "RESTART_AFTER_S", 0.0)


async def test_one_that_dies_again_and_again_is_given_up(tmp_path: Path) -> None:
    dying = child(tmp_path, 0)
    await dying.start()

    with pytest.raises(ChildFailed):
        await dying.keep()

    assert starts(tmp_path) == RESTARTS_MAX + 1


async def test_one_that_has_lived_may_die_as_often_as_it_likes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "STEADY_AFTER_S", 0.0)
    mortal = child(tmp_path, 0)
    await mortal.start()
    keeping = asyncio.create_task(mortal.keep())

    async with asyncio.timeout(20):
        while starts(tmp_path) < RESTARTS_MAX + 3:  # noqa: ASYNC110 - of processes
            await asyncio.sleep(0.05)

    assert not keeping.done()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await mortal.stop(5)


def test_a_port_that_was_given_is_not_given_to_another_process() -> None:
    first, second = children.free_port(), children.free_port()
    children._marks.pop().close()
    code = (
        "from voiceplat.cli import children;"
        f"children.PORTS = [{first}] * 20 + [{second}];"
        "print(children.free_port())"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert int(said.stdout) == second
