"""The whole platform as its operator starts it: `voiceplat up`, on free ports."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.servers.free_ports import free_port, free_ports
from tests.servers.rtp_ports import rtp_ports
from voiceplat.core.metrics_settings import MetricsSettings
from voiceplat.core.settings import Settings

STOP_WITHIN_S = 60
METERED = tuple(MetricsSettings().ports)
RTP_PORTS = range(30000, 34800, 400)
"""Each platform's, within the default of `sip.rtp_port_min` and `_max`; whole blocks,
as edges tell them apart."""

running: list["Platform"] = []
"""Those that this process has started."""


@dataclass(frozen=True, slots=True)
class Platform:
    api: str
    sip: str
    tls: str
    wss: str
    metrics: Mapping[str, str]
    """URLs of the processes' figures."""
    auth_id: str
    auth_token: str
    data: Path
    process: "subprocess.Popen[str]"

    @property
    def config(self) -> Path:
        return self.data / "voiceplat.toml"

    @property
    def settings(self) -> Settings:
        """Its own; those of this process stay what they are."""
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("VOICEPLAT_CONFIG", str(self.config))
            return Settings()

    def operate(self, *words: str) -> Any:  # noqa: ANN401 - whatever JSON it prints
        """`voiceplat <words> --json` on it; what it printed."""
        config = str(self.config)
        done = subprocess.run(
            [sys.executable, "-m", "voiceplat", "--config", config, *words, "--json"],
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def log(self, name: str) -> str:
        return (self.data / "logs" / f"{name}.log").read_text()

    def last_logged(self, chars: int) -> list[tuple[str, str]]:
        """The end of each log, by its file."""
        return _logged(self.data, chars)


@contextmanager
def platform(
    settings: Mapping[str, str] | None = None,
    data: Path | None = None,
    *,
    sip_host: str = "127.0.0.1",
) -> Iterator[Platform]:
    """`settings` are environment names without their `VOICEPLAT_`.

    All lies below `data`, or in a folder that is gone afterwards.
    """
    with (
        tempfile.TemporaryDirectory(prefix="vp-") as folder,
        rtp_ports(RTP_PORTS) as (first, last),
    ):
        data = data or Path(folder) / "data"
        rtp = {"SIP__RTP_PORT_MIN": str(first), "SIP__RTP_PORT_MAX": str(last)}
        chosen = _quick_and_beside_others() | rtp | dict(settings or {})
        process = _start(data, chosen, sip_host)
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, _logged(data, 2000)
            said = json.loads(line)
            made = Platform(
                api=said["api"],
                sip=said["sip"],
                tls=f"{sip_host}:{chosen['SIP__TLS_PORT']}",
                wss=said["wss"],
                metrics=said["metrics"],
                auth_id=said["auth_id"],
                auth_token=said["auth_token"],
                data=data,
                process=process,
            )
            running.append(made)
            try:
                yield made
            finally:
                running.remove(made)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_WITHIN_S)
            assert process.stdout is not None
            process.stdout.close()


def _quick_and_beside_others() -> dict[str, str]:
    """Few workers, little patience, and ports that are not every platform's."""
    tls, wss, ws, *metrics = free_ports(3 + len(METERED))
    return {
        "MEDIA__WORKERS": "3",
        "MEDIA__DRAIN_TIMEOUT_S": "5",
        "SIP__TLS_PORT": str(tls),
        "SIP__WSS_PORT": str(wss),
        "SIP__WS_PORT": str(ws),
    } | {
        f"METRICS__{process.upper()}_PORT": str(port)
        for process, port in zip(METERED, metrics, strict=True)
    }


def _start(
    data: Path, settings: Mapping[str, str], sip_host: str
) -> "subprocess.Popen[str]":
    chosen = {f"VOICEPLAT_{name}": value for name, value in settings.items()}
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "voiceplat", "up", "--data", str(data), "--json"),
            *(
                "--api",
                f"127.0.0.1:{free_port()}",
                "--sip",
                f"{sip_host}:{free_port()}",
            ),
        ],
        stdout=subprocess.PIPE,
        text=True,
        env=dict(os.environ) | chosen,  # noqa: TID251 - a child's environment
    )


def _logged(data: Path, chars: int) -> list[tuple[str, str]]:
    files = sorted((data / "logs").glob("*.log"))
    return [(file.name, file.read_text()[-chars:]) for file in files]
