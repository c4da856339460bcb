"""A copy of the set-up script in a tree whose system programs are stand-ins.

Each stand-in notes its arguments in `calls`; apt-get "installs" into `installed`, which
dpkg-query reads. So the script runs whole, and nothing of this machine changes.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
"""Where the linters are that came as Python packages."""
NOBODY = 65534
PACKAGES = (
    "kamailio",
    "kamailio-redis-modules",
    "kamailio-tls-modules",
    "kamailio-websocket-modules",
    "kamailio-utils-modules",
    "rtpengine-daemon",
    "coturn",
    "redis-server",
    "espeak-ng",
)

NOTE = 'printf "%s\\n" "${0##*/} $*" >>"$HERE/calls"\n'
PROGRAMS = {
    "apt-get": 'if [[ " $* " == *" install "* ]]; then\n'
    '  for word in "$@"; do [[ $word == -* ]] || echo "$word"; done\n'
    'fi >>"$HERE/installed"\n',
    "dpkg-query": 'for word in "$@"; do\n'
    '  grep -qx "$word" "$HERE/installed" && echo "installed $word"\ndone\ntrue\n',
    "systemctl": '[[ $1 == is-system-running ]] && cat "$HERE/systemd"\ntrue\n',
    "sudo": "exit 1\n",
    "python3.11": "exit 0\n",
}


@dataclass(frozen=True)
class Machine:
    """A tree with the script, and what stands for the system around it."""

    tree: Path

    def has(self, *packages: str) -> None:
        (self.tree / "installed").write_text("".join(f"{p}\n" for p in packages))

    def runs_systemd(self) -> None:
        (self.tree / "systemd").write_text("running\n")

    def program(self, path: str, body: str, *, noted: bool = True) -> None:
        file = self.tree / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("#!/bin/bash\n" + (NOTE if noted else "") + body)
        file.chmod(0o755)

    def set_up(
        self, *arguments: str, as_nobody: bool = False
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/bash", "scripts/setup", *arguments],
            cwd=self.tree,
            env={"PATH": f"{self.tree}/bin:/usr/bin:/bin", "HERE": str(self.tree)},
            user=NOBODY if as_nobody else None,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def calls(self, program: str) -> list[str]:
        """What it was called with since the last look, in order."""
        lines = (self.tree / "calls").read_text().splitlines()
        return [line for line in lines if line.split()[0] == program]

    def forget(self) -> None:
        (self.tree / "calls").write_text("")


@pytest.fixture
def machine() -> Iterator[Machine]:
    tree = Path(tempfile.mkdtemp(prefix="setup-"))
    machine = Machine(tree)
    tree.chmod(0o755)
    for name, body in PROGRAMS.items():
        noted = name in {"apt-get", "systemctl"}
        machine.program(f"bin/{name}", body, noted=noted)
    (tree / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "setup", tree / "scripts" / "setup")
    for lock in ("bootstrap", "dev"):
        (tree / f"requirements-{lock}.lock").write_text(f"{lock}\n")
    (tree / "requirements.lock").write_text("run\n")
    (tree / "pyproject.toml").write_text("")
    (tree / "voiceplat" / "speech").mkdir(parents=True)
    for module in ("models.py", "voice_packs.py"):
        (tree / "voiceplat" / "speech" / module).write_text("")
    (tree / "web").mkdir()
    (tree / "tests" / "browser").mkdir(parents=True)
    for file in ("web/jssip.js", "web/package-lock.json"):
        (tree / file).write_text("")
    (tree / "tests/browser/package-lock.json").write_text("")
    machine.program(
        "web/node_modules/@esbuild/linux-x64/bin/esbuild", "exit 0\n", noted=True
    )
    (tree / "systemd").write_text("offline\n")
    (tree / "calls").write_text("")
    machine.has()
    yield machine
    shutil.rmtree(tree)
