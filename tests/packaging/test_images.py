"""The Dockerfile and docker-compose.yml, checked as far as that goes without Docker."""

import re
import subprocess
from typing import Any

import pytest
import typer
import yaml

from scripts.doc_tables import settings
from tests.packaging.conftest import BIN, ROOT
from voiceplat.cli.main import app
from voiceplat.core.metrics_settings import MetricsSettings
from voiceplat.core.settings import ApiSettings

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = {
    name: service
    for name, service in COMPOSE["services"].items()
    if service["image"].startswith("voiceplat")
}


def commands() -> set[str]:
    group = typer.main.get_command(app)
    return set(getattr(group, "commands"))  # noqa: B009  # a typer group has them


def test_the_compose_file_is_what_the_specification_allows() -> None:
    file = ROOT / "docker-compose.yml"
    checked = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", file],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout


def test_the_dockerfile_is_clean() -> None:
    linted = subprocess.run(
        [BIN / "hadolint", ROOT / "Dockerfile"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (linted.returncode, linted.stdout) == (0, "")


@pytest.mark.parametrize("name", OURS)
def test_every_variable_of_a_service_is_a_setting(name: str) -> None:
    known = {setting.variable for setting in settings()}

    given = OURS[name].get("environment", {})

    assert given.keys() <= known


@pytest.mark.parametrize("name", OURS)
def test_every_service_runs_a_command_that_exists(name: str) -> None:
    assert OURS[name]["command"][0] in commands()


def test_every_process_of_the_platform_is_a_service() -> None:
    processes = {"api", "media", "archive", "speech", "ledger", "edge"}

    assert processes | {"postgres", "redis", "migrate"} == COMPOSE["services"].keys()


def test_only_what_runs_to_its_end_goes_without_a_health_check() -> None:
    unwatched = {
        name
        for name, service in COMPOSE["services"].items()
        if "healthcheck" not in service
    }

    assert unwatched == {"migrate"}


def test_the_health_checks_ask_each_process_whether_it_is_ready() -> None:
    asked = {
        name: re.findall(r":(\d+)/readyz", str(service["healthcheck"]))
        for name, service in OURS.items()
        if "healthcheck" in service
    }
    ports = {name: [str(port)] for name, port in MetricsSettings().ports.items()}

    assert asked == ports | {"api": [str(ApiSettings().port)]}


def test_what_others_may_not_read_is_published_to_this_host_alone() -> None:
    shown = {
        name
        for name, service in OURS.items()
        if "VOICEPLAT_METRICS__HOST" in service.get("environment", {})
    }

    assert all("network_mode" not in OURS[name] for name in shown)


def test_redis_keeps_the_queue_over_a_restart() -> None:
    command = " ".join(COMPOSE["services"]["redis"]["command"])

    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_nothing_but_sip_leaves_the_machine_unasked() -> None:
    ports = [
        port
        for service in COMPOSE["services"].values()
        for port in service.get("ports", [])
    ]

    assert {port.partition(":")[0].strip("${") for port in ports} == {
        "127.0.0.1",
        "API_LISTEN",
    }


def test_every_variable_that_must_be_filled_in_is_in_the_example() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    example = (ROOT / ".env.example").read_text()

    for variable in set(re.findall(r"\$\{(\w+)", text)):
        assert re.search(rf"^{variable}=", example, re.MULTILINE), variable


def test_the_image_is_set_up_by_the_script_that_make_uses() -> None:
    steps = re.findall(r"scripts/setup run ([a-z ]+)", DOCKERFILE)

    assert " ".join(steps).split() == ["system", "python", "project", "web", "models"]
    assert "apt-get" not in DOCKERFILE
    assert "pip install" not in DOCKERFILE


def test_the_image_does_not_run_as_root() -> None:
    assert re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE) == ["10001"]


def test_what_the_image_copies_is_let_through_to_the_builder() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    copied = [
        source
        for line in re.findall(r"^COPY (.+)$", DOCKERFILE, re.MULTILINE)
        for source in line.split()[:-1]
    ]

    assert copied
    for source in copied:
        assert f"!{source}" in ignored
        assert (ROOT / source).exists()
