"""Programs with Plivo's SDKs, unmodified, under `voiceplat run`; ours to command."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.servers.node import NODE
from voiceplat.services.open_account import Credentials

FOLDER: Final = Path(__file__).parent
NODE_FOLDER: Final = FOLDER.parent / "node"
COMMANDS: Final = {
    "python": (sys.executable, str(FOLDER / "driver.py")),
    "node": (NODE, str(NODE_FOLDER / "driver.js")),
}


def require(sdk: str) -> None:
    """Skip where Plivo's Node SDK is not installed; in CI it must be."""
    if sdk == "node" and not (NODE_FOLDER / "node_modules" / "plivo").exists():
        missing = "scripts/setup test node"
        (pytest.fail if os.getenv("CI") else pytest.skip)(missing)


class Refused(Exception):
    """The SDK raised: the class's name, and its text."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name


@dataclass(frozen=True, slots=True)
class Program:
    sdk: str
    process: "subprocess.Popen[str]"

    def __call__(self, method: str, *arguments: object, **options: object) -> Any:  # noqa: ANN401
        """What the method returned, as JSON; raises Refused.

        Options are named as in Python; Node gets them as one object, in camel case.
        """
        if self.sdk == "node":
            options = {camel(name): value for name, value in options.items()}
        order = {"method": method, "arguments": arguments, "options": options}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"{self.sdk} driver ended at {method}"
        told = json.loads(line)
        if "error" in told:
            raise Refused(told["error"], told["why"])
        return told["answer"]


@contextmanager
def program(sdk: str, api: str, account: Credentials) -> Iterator[Program]:
    environment = {
        **os.environ,  # noqa: TID251 - a child's environment
        "PLIVO_AUTH_ID": account.auth_id,
        "PLIVO_AUTH_TOKEN": account.auth_token,
    }
    ours = (sys.executable, "-m", "voiceplat", "run", "--quiet", "--api", api, "--")
    with subprocess.Popen(
        [*ours, *COMMANDS[sdk]],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        yield Program(sdk, process)
        assert process.stdin is not None
        process.stdin.close()


def camel(name: str) -> str:
    first, *more = name.split("_")
    return first + "".join(part.title() for part in more)
