"""The services of docker-compose.yml as plain processes: each runs and turns healthy.

What the compose file says is taken as it is: command, environment, health check; only
addresses and folders are those of the test.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from signal import SIGTERM
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.packaging.conftest import BIN, ROOT
from tests.packaging.test_images import OURS
from tests.servers.free_ports import free_ports
from tests.servers.platform import RTP_PORTS
from tests.servers.postgres import postgres_server
from tests.servers.redis import RedisServer
from tests.servers.rtp_ports import rtp_ports
from voiceplat.core.metrics_settings import MetricsSettings
from voiceplat.core.sealing import new_secret_key

pytestmark = [
    pytest.mark.edge,
    pytest.mark.redis,
    pytest.mark.postgres,
    pytest.mark.real_time,
]

HEALTHY_WITHIN_S = 90
STOPPED_WITHIN_S = 30
METRICS = MetricsSettings().ports
IN_THE_IMAGE = "/var/lib/voiceplat"


def _given_by_compose(redis_url: str, database_url: str) -> dict[str, str]:
    """Variables that a service has only if the compose file gives them to it."""
    return {
        "VOICEPLAT_API__HOST": "127.0.0.1",
        "VOICEPLAT_API__PUBLIC_URL": "http://127.0.0.1:8080",
        "VOICEPLAT_DATABASE__URL": database_url,
        "VOICEPLAT_METRICS__HOST": "127.0.0.1",
        "VOICEPLAT_RECORDINGS__ACCESS": "public",
        "VOICEPLAT_RECORDINGS__ENCRYPTION_KEYS": "[]",
        "VOICEPLAT_RECORDINGS__S3_ACCESS_KEY": "",
        "VOICEPLAT_RECORDINGS__S3_ENDPOINT": "",
        "VOICEPLAT_RECORDINGS__S3_SECRET_KEY": "",
        "VOICEPLAT_RECORDINGS__URL": "",
        "VOICEPLAT_REDIS__URL": redis_url,
        "VOICEPLAT_SECURITY__SECRET_KEY": new_secret_key(),
        "VOICEPLAT_SIP__ADVERTISED_HOST": "",
        "VOICEPLAT_SIP__DOMAIN": "voiceplat.local",
        "VOICEPLAT_SIP__HOST": "127.0.0.1",
        "VOICEPLAT_TURN__HOST": "",
        "VOICEPLAT_TURN__PORT": "0",
        "VOICEPLAT_TURN__TLS_PORT": "0",
    }


def _given_to_all(data: Path, rtp: tuple[int, int]) -> dict[str, str]:
    """What the image says of itself, and ports that are free here."""
    sip = ("PORT", "TLS_PORT", "WSS_PORT", "WS_PORT", "PRIVATE_PORT", "RTPENGINE_PORT")
    metrics = (f"METRICS__{process.upper()}_PORT" for process in METRICS)
    ports = ("API__PORT", *(f"SIP__{name}" for name in sip), *metrics)
    return {
        "PATH": f"{BIN}:{os.environ['PATH']}",  # noqa: TID251 - of the test, no setting
        "VOICEPLAT_DATA": str(data),
        "VOICEPLAT_MEDIA__SIP_PORT_MIN": "0",
        "VOICEPLAT_MEDIA__WORKERS": "2",
        "VOICEPLAT_SIP__RTP_PORT_MIN": str(rtp[0]),
        "VOICEPLAT_SIP__RTP_PORT_MAX": str(rtp[1]),
        "VOICEPLAT_SPEECH__SOCKET": str(data / "speech.sock"),
        **{
            f"VOICEPLAT_{name}": str(port)
            for name, port in zip(ports, free_ports(len(ports)), strict=True)
        },
    }


class Services:
    def __init__(
        self, given: Mapping[str, str], data: Path, rtp: tuple[int, int]
    ) -> None:
        self._given = given
        self._to_all = _given_to_all(data, rtp)
        self._data = data
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def environment(self, name: str) -> dict[str, str]:
        asked = OURS[name].get("environment", {})
        told = [
            it for it, value in asked.items() if value is not None or it in self._given
        ]
        return self._to_all | {it: self._given[it] for it in told}

    def start(self, name: str) -> None:
        with (self._data / f"{name}.out").open("wb") as out:
            self._running[name] = subprocess.Popen(
                [sys.executable, "-m", "voiceplat", *OURS[name]["command"]],
                env=self.environment(name),
                cwd=self._data,
                stdout=out,
                stderr=out,
            )

    def until_ended(self, name: str) -> int:
        return self._running[name].wait(timeout=HEALTHY_WITHIN_S)

    def until_healthy(self, name: str) -> None:
        check = self._health_check(OURS[name]["healthcheck"]["test"])
        deadline = time.monotonic() + HEALTHY_WITHIN_S
        while subprocess.run(
            check, env=self.environment(name), capture_output=True, check=False
        ).returncode:
            assert self._running[name].poll() is None, self.said(name)
            assert time.monotonic() < deadline, self.said(name)
            time.sleep(0.1)

    def said(self, name: str) -> str:
        return f"{name}: {(self._data / f'{name}.out').read_text()}"

    def stop(self) -> dict[str, int]:
        """SIGTERM to all at once; how each ended."""
        for process in self._running.values():
            process.terminate()
        return {
            name: process.wait(timeout=STOPPED_WITHIN_S)
            for name, process in self._running.items()
        }

    def kill(self) -> None:
        for process in self._running.values():
            if process.poll() is None:
                process.kill()
                process.wait()

    def _health_check(self, test: Any) -> list[str]:  # noqa: ANN401 - text or list
        words = ["sh", "-c", test] if isinstance(test, str) else test[1:]
        ours = {
            IN_THE_IMAGE: str(self._data),
            ":8080/": f":{self._to_all['VOICEPLAT_API__PORT']}/",
            "$$": "$",
        }
        for process, port in METRICS.items():
            here = self._to_all[f"VOICEPLAT_METRICS__{process.upper()}_PORT"]
            ours[f":{port}/"] = f":{here}/"
        for told, meant in ours.items():
            words = [word.replace(told, meant) for word in words]
        return words


@pytest.fixture
def services(redis: RedisServer) -> Iterator[Services]:
    with ExitStack() as servers:
        database = servers.enter_context(postgres_server())
        data = Path(servers.enter_context(TemporaryDirectory(prefix="vp-compose-")))
        rtp = servers.enter_context(rtp_ports(RTP_PORTS))
        services = Services(_given_by_compose(redis.url, database), data, rtp)
        servers.callback(services.kill)
        yield services


def test_every_service_turns_healthy_and_ends_when_told(services: Services) -> None:
    services.start("migrate")
    assert services.until_ended("migrate") == 0, services.said("migrate")

    watched = [name for name in OURS if name != "migrate"]
    for name in watched:
        services.start(name)
    for name in watched:
        services.until_healthy(name)
    ended = services.stop()

    # uvicorn passes the signal on to itself when it has drained
    assert ended.pop("api") in (0, -SIGTERM)
    assert set(ended.values()) == {0}, ended


def test_the_image_and_the_test_agree_where_data_lies() -> None:
    assert f"VOICEPLAT_DATA={IN_THE_IMAGE}" in (ROOT / "Dockerfile").read_text()
