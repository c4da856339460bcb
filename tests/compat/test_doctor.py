"""`voiceplat doctor --sdk`: what it says of an SDK that is there, or not."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.compat.conftest import RunningApi
from tests.compat.sdk.programs import NODE_FOLDER, require
from tests.servers.node import NODE
from voiceplat.services.open_account import Credentials

pytestmark = [pytest.mark.compat, pytest.mark.redis, pytest.mark.real_time]


def doctor(
    api: str, sdk: str, folder: Path, environment: Mapping[str, str]
) -> "subprocess.CompletedProcess[str]":
    """In a folder, with only these programs on the PATH."""
    host, _, port = api.removeprefix("http://").partition("/")[0].rpartition(":")
    return subprocess.run(
        [sys.executable, "-m", "voiceplat", "doctor", "--sdk", sdk],
        cwd=folder,
        env={
            **os.environ,  # noqa: TID251 - a child's environment
            "PATH": str(folder / "bin"),
            "VOICEPLAT_API__HOST": host,
            "VOICEPLAT_API__PORT": port,
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def program(folder: Path, name: str, path: str, *options: str) -> None:
    file = folder / "bin" / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f'#!/bin/sh\nexec {" ".join((path, *options))} "$@"\n')
    file.chmod(0o755)


def credentials(account: Credentials) -> dict[str, str]:
    return {
        "PLIVO_AUTH_ID": account.auth_id,
        "PLIVO_AUTH_TOKEN": account.auth_token,
    }


def test_an_sdk_for_python_that_is_installed_reaches_the_platform(
    server: RunningApi, tmp_path: Path
) -> None:
    account = server.open_account()
    program(tmp_path, "python3", sys.executable)

    done = doctor(server.url, "python", tmp_path, credentials(account))

    assert done.returncode == 0, done.stdout
    assert "✓" in done.stdout
    assert f"reaches this platform, as account {account.auth_id}" in done.stdout


def test_an_sdk_for_node_that_is_installed_reaches_the_platform(
    server: RunningApi, tmp_path: Path
) -> None:
    require("node")
    account = server.open_account()
    program(tmp_path, "node", NODE)
    (tmp_path / "node_modules").symlink_to(NODE_FOLDER / "node_modules")

    done = doctor(server.url, "node", tmp_path, credentials(account))

    assert done.returncode == 0, done.stdout
    project = json.loads((NODE_FOLDER / "package.json").read_text())
    assert f"SDK {project['dependencies']['plivo']} reaches" in done.stdout


def test_credentials_of_another_platform_are_told(
    server: RunningApi, tmp_path: Path
) -> None:
    program(tmp_path, "python3", sys.executable)
    strangers = Credentials(server.open_account().auth_id, "wrong")

    done = doctor(server.url, "python", tmp_path, credentials(strangers))

    assert done.returncode == 1
    assert "does not know these credentials" in done.stdout
    assert "unset PLIVO_AUTH_ID" in done.stdout


def test_a_package_that_is_missing_is_told(server: RunningApi, tmp_path: Path) -> None:
    account = credentials(server.open_account())
    program(tmp_path, "python3", sys.executable, "-S")
    program(tmp_path, "node", NODE)

    in_python = doctor(server.url, "python", tmp_path, account)
    in_node = doctor(server.url, "node", tmp_path, account)

    assert in_python.returncode == in_node.returncode == 1
    for done, install in ((in_python, "pip"), (in_node, "npm")):
        assert "finds no package plivo" in done.stdout
        assert f"{install} install plivo" in done.stdout


def test_a_server_that_is_not_there_and_a_language_that_is_not_are_told(
    tmp_path: Path,
) -> None:
    alone = doctor("http://127.0.0.1:9", "python", tmp_path, {})
    program(tmp_path, "node", NODE)
    away = doctor("http://127.0.0.1:9", "node", tmp_path, {})

    assert "there is no python3 on the PATH" in alone.stdout
    assert "no voiceplat answers at http://127.0.0.1:9" in away.stdout
    assert alone.returncode == away.returncode == 1
