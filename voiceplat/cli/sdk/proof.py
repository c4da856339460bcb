"""`voiceplat doctor --sdk`: whether an SDK that is installed here reaches the platform.

A program of three lines asks for its account, under `voiceplat run`, as any other
program of the user's would; what it says is told, and what to do when it says nothing.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import typer

from voiceplat.cli.sdk.run import RUNNER_FAILED

Sdk = Literal["python", "node"]

VOICEPLAT: Final = (sys.executable, "-m", "voiceplat")
"""With the settings file of this process: it stands in the environment."""
ANSWER_WITHIN_S: Final = 60
NOT_INSTALLED: Final = 3

_IN_PYTHON: Final = """
import json, sys
try:
    import plivo
    from plivo.version import __version__
except ImportError:
    sys.exit(3)
client = plivo.RestClient()
account = client.account.get()
print(json.dumps({"sdk": __version__, "account": account.auth_id}))
"""
_IN_NODE: Final = """
let plivo, sdk;
try { plivo = require("plivo"); sdk = require("plivo/package.json").version; }
catch { process.exit(3); }
const client = new plivo.Client();
client.calls.listLiveCalls().then(
  () => console.log(JSON.stringify({ sdk, account: process.env.PLIVO_AUTH_ID })),
  (error) => { console.error(error); process.exit(1); });
"""


@dataclass(frozen=True, slots=True)
class Language:
    programs: Sequence[str]
    code: Sequence[str]
    install: str


LANGUAGES: Final[dict[Sdk, Language]] = {
    "python": Language(("python3", "python"), ("-c", _IN_PYTHON), "pip install plivo"),
    "node": Language(("node", "nodejs"), ("-e", _IN_NODE), "npm install plivo"),
}


def prove(sdk: Sdk) -> int:
    """Exit status: 0 it reaches the platform, 1 it does not."""
    language = LANGUAGES[sdk]
    program = next(filter(None, map(shutil.which, language.programs)), None)
    if program is None:
        return _failed(f"there is no {language.programs[0]} on the PATH", "install it")
    try:
        done = subprocess.run(  # noqa: S603 - ours, and the user's interpreter
            (*VOICEPLAT, "run", "--quiet", "--", program, *language.code),
            capture_output=True,
            text=True,
            timeout=ANSWER_WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _failed(
            f"{program} has said nothing for {ANSWER_WITHIN_S} s",
            "run `voiceplat doctor`; is the REST API up?",
        )
    if done.returncode == 0:
        said = json.loads(done.stdout.splitlines()[-1])
        typer.echo(
            f"✓ {program}: Plivo's SDK {said['sdk']} reaches this platform, "
            f"as account {said['account']}"
        )
        return 0
    return _explained(done, program, language)


def _explained(
    done: "subprocess.CompletedProcess[str]", program: str, language: Language
) -> int:
    last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
    if done.returncode == RUNNER_FAILED:
        return _failed(done.stderr.strip())
    if done.returncode == NOT_INSTALLED:
        return _failed(
            f"{program} finds no package plivo",
            f"run `{language.install}` where your program runs; a virtual environment "
            "must be active, a node_modules folder here or above",
        )
    if "uthentication" in done.stderr:
        return _failed(
            "the platform does not know these credentials",
            "unset PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN, or set them to an account of "
            "this platform (`voiceplat account create NAME`)",
        )
    return _failed(
        f"{program} failed: {last[0]}",
        "does the program ignore its environment (python -I, -E)? See docs/sdks.md",
    )


def _failed(what: str, remedy: str = "") -> int:
    typer.echo(f"✗ {what}" + (f"\n    {remedy}" if remedy else ""))
    return 1
