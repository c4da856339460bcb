"""`voiceplat up` says what is in its way, and ends at any moment it is told to."""

import os
import signal
import socket
import subprocess
import sys
import time
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest

from tests.servers.free_ports import free_port

WITHIN_S = 30


def up(data: Path, *, api: int = 0, sip: int = 0) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "voiceplat", "up", "--data", str(data), "--json"),
            *("--api", f"127.0.0.1:{api or free_port()}"),
            *("--sip", f"127.0.0.1:{sip or free_port()}"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"VOICEPLAT_MEDIA__WORKERS": "1"},  # noqa: TID251
    )


def refusal(process: "subprocess.Popen[str]") -> str:
    out, err = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 1
    assert not out
    assert "Traceback" not in err
    return err


@pytest.mark.real_time
@pytest.mark.parametrize("option", ["api", "sip"])
def test_a_port_that_is_taken_is_named(tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        said = refusal(up(tmp_path, **{option: port}))

    assert f"127.0.0.1:{port}" in said
    assert f"--{option}" in said
    assert not list((tmp_path / "logs").iterdir()), "nothing was started"


@pytest.mark.real_time
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    said = refusal(up(tmp_path / "file" / "data"))

    assert f"cannot write to {tmp_path / 'file' / 'data'}" in said


@pytest.mark.real_time
def test_a_folder_that_another_uses_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "voiceplat.toml").write_text("theirs")
    with (tmp_path / "up.lock").open("a") as lock:
        flock(lock, LOCK_EX)

        said = refusal(up(tmp_path))

    assert f"another `voiceplat up` uses {tmp_path}" in said
    assert (tmp_path / "voiceplat.toml").read_text() == "theirs"


@pytest.mark.edge
@pytest.mark.sip
@pytest.mark.real_time
def test_sigterm_while_it_starts_ends_it_and_all_it_started(tmp_path: Path) -> None:
    process = up(tmp_path)
    while not (tmp_path / "logs" / "api.log").exists():
        assert process.poll() is None
        time.sleep(0.05)

    process.send_signal(signal.SIGTERM)

    out, _ = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 0
    assert not out, "it was never ready"
    assert not uses_of(tmp_path)


def uses_of(data: Path) -> list[str]:
    """Command lines of processes whose log lies in the folder."""
    return [
        (entry / "cmdline").read_text().replace("\0", " ")
        for entry in Path("/proc").glob("[0-9]*")
        if str(data / "logs") in str(_target(entry / "fd" / "2"))
    ]


def _target(link: Path) -> Path | None:
    try:
        return link.readlink()
    except OSError:
        return None
