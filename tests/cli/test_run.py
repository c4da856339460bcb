"""`voiceplat run`: the program is itself, but Plivo's names lead to the platform."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.servers.api_echo import api_echo
from tests.servers.node import NODE

pytestmark = pytest.mark.real_time

WITHIN_S = 60
ASK = """
import json, sys, urllib.request
request = urllib.request.Request(sys.argv[1], b"{}" if len(sys.argv) > 2 else None)
print(urllib.request.urlopen(request).read().decode())
"""
ASK_IN_NODE = """
fetch(process.argv[1]).then((answer) => answer.text()).then(console.log)
"""


@pytest.fixture
def api() -> Iterator[str]:
    with api_echo() as url:
        yield url


def start(
    api: str,
    *command: str,
    settings: Mapping[str, str] | None = None,
    is_command: bool = True,
) -> "subprocess.Popen[str]":
    options = (*(("--api", api) if api else ()), *(("--",) if is_command else ()))
    environment = os.environ | {"PLIVO_AUTH_ID": "MA0", "PLIVO_AUTH_TOKEN": "t"}  # noqa: TID251
    return subprocess.Popen(
        [
            *("env", "--default-signal=HUP,INT"),  # whatever started the tests ignores
            *(sys.executable, "-m", "voiceplat", "run", *options, *command),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment | dict(settings or {}),
    )


def run(
    api: str,
    *command: str,
    stdin: str = "",
    settings: Mapping[str, str] | None = None,
    is_command: bool = True,
) -> "subprocess.CompletedProcess[str]":
    process = start(api, *command, settings=settings, is_command=is_command)
    out, err = process.communicate(stdin, timeout=WITHIN_S)
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def python(api: str, code: str, *words: str, **settings: str) -> str:
    done = run(api, sys.executable, "-c", code, *words, settings=settings)
    assert done.returncode == 0, done.stderr
    return done.stdout


def told(text: str) -> Any:  # noqa: ANN401 - JSON of any shape
    return json.loads(text)


# --- the program is itself -----------------------------------------------------------


def test_input_output_and_exit_status_are_the_programs(api: str) -> None:
    done = run(api, "sh", "-c", "cat; echo sorry >&2; exit 7", stdin="hello")

    assert (done.returncode, done.stdout) == (7, "hello")
    assert done.stderr.endswith("sorry\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_reach_the_program(api: str, number: signal.Signals) -> None:
    process = start(api, "sh", "-c", "echo $$; exec sleep 60")
    assert process.stdout is not None
    pid = int(process.stdout.readline())

    process.send_signal(number)

    process.communicate(timeout=WITHIN_S)
    assert process.returncode == -number
    assert process.pid == pid, "it is the process that was started"


def test_a_pipe_that_nobody_reads_ends_it_as_ever(api: str) -> None:
    done = run(api, "sh", "-c", "grep SigIgn /proc/self/status")

    ignored = int(done.stdout.split()[1], 16)
    assert not ignored & (1 << signal.SIGPIPE - 1)


def test_it_has_no_child_that_it_does_not_know(api: str) -> None:
    code = """
import os
try: os.waitpid(-1, 0)
except ChildProcessError: print("none")
"""
    assert python(api, code) == "none\n"


@pytest.mark.parametrize(
    ("command", "status", "why"),
    [
        (["/no/such/program"], 127, "No such file or directory"),
        (["/etc/passwd"], 126, "Permission denied"),
    ],
)
def test_what_cannot_be_run_is_named(
    api: str, command: list[str], status: int, why: str
) -> None:
    done = run(api, *command)

    assert done.returncode == status
    assert f"voiceplat run: {command[0]}: {why}" in done.stderr


@pytest.mark.parametrize("ends_by", [signal.SIGTERM, signal.SIGKILL])
def test_the_front_ends_with_the_program(api: str, ends_by: signal.Signals) -> None:
    code = 'echo "$PLIVO_FRONT_CERTIFICATE"; exec sleep 60'
    process = start(api, "sh", "-c", code)
    assert process.stdout is not None
    certificate = Path(process.stdout.readline().strip())
    assert certificate.exists()

    process.send_signal(ends_by)
    process.communicate(timeout=WITHIN_S)

    end = time.monotonic() + WITHIN_S
    while certificate.parent.exists():
        assert time.monotonic() < end
        time.sleep(0.05)


# --- where its names lead ------------------------------------------------------------


@pytest.mark.parametrize("host", ["api", "stats", "media"])
def test_plivos_names_lead_to_the_api(api: str, host: str) -> None:
    url = f"https://{host}.plivo.com/v1/Account/MA1/Call/?limit=2"

    got = told(python(api, ASK, url))

    assert (got["method"], got["path"]) == ("GET", "/v1/Account/MA1/Call/?limit=2")
    assert got["headers"]["host"] == api.removeprefix("http://")
    assert "python" in got["headers"]["user-agent"].lower()


def test_bodies_go_through(api: str) -> None:
    got = told(python(api, ASK, "https://api.plivo.com/", "post"))

    assert (got["method"], got["body"]) == ("POST", "{}")


def test_other_names_are_left_alone(api: str) -> None:
    assert told(python(api, ASK, f"{api}/direct"))["path"] == "/direct"
    assert told(python(api, ASK, f"{api}/", no_proxy="*"))["path"] == "/"


def test_the_certificate_is_trusted_for_no_other_name(api: str) -> None:
    code = """
import os, socket, ssl
front = socket.create_connection(("127.0.0.1", int(os.environ["PLIVO_FRONT_PORT"])))
try: ssl.create_default_context().wrap_socket(front, server_hostname="notplivo.com")
except ssl.SSLCertVerificationError as error: print(error.verify_message)
"""
    assert python(api, code).startswith("self-signed certificate")


def test_a_strict_program_trusts_it(api: str) -> None:
    code = """
import socket, ssl
context = ssl.create_default_context()
context.verify_flags |= ssl.VERIFY_X509_STRICT
there = socket.create_connection(("api.plivo.com", 443))
print(context.wrap_socket(there, server_hostname="api.plivo.com").version())
"""
    assert python(api, code) == "TLSv1.3\n"


def test_a_proxy_of_the_users_is_not_asked_for_plivo(api: str) -> None:
    elsewhere = {"https_proxy": "http://127.0.0.1:9"}

    got = told(python(api, ASK, "https://api.plivo.com/", **elsewhere))

    assert got["path"] == "/"


def test_a_sitecustomize_of_the_users_still_runs(api: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.mine = 'mine'\n")

    said = python(
        api,
        "import sys; print(sys.mine, *[p for p in sys.path if 'preloads' in p])",
        PYTHONPATH=str(tmp_path),
    )

    assert said == "mine\n"


def test_node_is_led_too(api: str, tmp_path: Path) -> None:
    own = tmp_path / "own.pem"
    own.write_text("")
    (tmp_path / "own.cjs").write_text("console.log('mine')")
    settings = {
        "NODE_EXTRA_CA_CERTS": str(own),
        "NODE_OPTIONS": f"--require {tmp_path}/own.cjs",
    }

    done = run(
        api, NODE, "-e", ASK_IN_NODE, "https://media.plivo.com/a.mp3", settings=settings
    )

    assert done.returncode == 0, done.stderr
    first, answer = done.stdout.splitlines()
    assert first == "mine"
    assert told(answer)["path"] == "/a.mp3"


def test_a_program_that_heeds_a_proxy_is_led_too(api: str) -> None:
    ask = ("curl", "--silent", "--show-error", "https://media.plivo.com/b.mp3")

    done = run(api, "--proxy", "--", *ask, is_command=False)
    direct = run(api, "--proxy", "--", "curl", "--silent", f"{api}/c", is_command=False)

    assert done.returncode == 0, done.stderr
    assert told(done.stdout)["path"] == "/b.mp3"
    assert told(direct.stdout)["path"] == "/c"


# --- what it says --------------------------------------------------------------------


def test_it_says_where_plivo_is(api: str) -> None:
    done = run(api, "true")

    assert done.stderr == f"voiceplat run: *.plivo.com is {api} for this program\n"


def test_the_api_of_the_settings_is_the_one(api: str) -> None:
    host, _, port = api.removeprefix("http://").rpartition(":")
    settings = {"VOICEPLAT_API__HOST": host, "VOICEPLAT_API__PORT": port}

    done = run("", "true", settings=settings)

    assert f"*.plivo.com is {api} " in done.stderr


def test_no_server_is_said_with_a_remedy() -> None:
    done = run("http://127.0.0.1:9", "true")

    assert done.returncode == 125
    assert "no voiceplat answers at http://127.0.0.1:9" in done.stderr
    assert "make run" in done.stderr


def test_a_server_that_is_none_of_ours_is_refused(api: str) -> None:
    done = run(f"{api}/elsewhere", "true")

    assert done.returncode == 125
    assert "is no voiceplat" in done.stderr


def test_credentials_that_are_missing_are_said(api: str) -> None:
    done = run(api, "true", settings={"PLIVO_AUTH_ID": ""})

    assert "PLIVO_AUTH_ID and PLIVO_AUTH_TOKEN are not set" in done.stderr


def test_a_server_that_goes_away_is_told_to_the_program() -> None:
    code = """
import json, sys, urllib.request, urllib.error
sys.stdin.readline()
try: urllib.request.urlopen("https://api.plivo.com/")
except urllib.error.HTTPError as error: print(error.status, error.read().decode())
"""
    with api_echo() as url:
        process = start(url, sys.executable, "-uc", f"print('up')\n{code}")
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"

    out, err = process.communicate("\n", timeout=WITHIN_S)

    assert out.startswith("502"), err
    assert f"voiceplat run: no API at {url}" in out
