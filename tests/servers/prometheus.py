"""A real Prometheus, with the configuration that we ship, that scrapes a platform."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import yaml

from tests.servers.free_ports import free_port

SHIPPED: Final = Path(__file__).parents[2] / "docs/prometheus/prometheus.yml"
PATIENCE_S: Final = 30


class Prometheus:
    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def ask(self, query: str) -> list[dict[str, Any]]:
        """The samples of an instant query; fails when Prometheus does not accept it."""
        answer = await self._client.get("/api/v1/query", params={"query": query})
        said = answer.json()
        assert said["status"] == "success", f"{query}: {said}"
        samples: list[dict[str, Any]] = said["data"]["result"]
        return samples

    async def names(self, query: str, label: str) -> set[str]:
        """The values of that label in its samples."""
        return {sample["metric"][label] for sample in await self.ask(query)}

    async def is_ready(self) -> bool:
        try:
            return (await self._client.get("/-/ready")).is_success
        except httpx.TransportError:
            return False

    async def until(self, query: str, samples: int) -> None:
        """Waits for as many samples of it."""
        async with asyncio.timeout(PATIENCE_S):
            while len(await self.ask(query)) != samples:  # noqa: ASYNC110 - elsewhere
                await asyncio.sleep(0.2)


@asynccontextmanager
async def prometheus(
    folder: Path, processes: Mapping[str, str]
) -> AsyncIterator[Prometheus]:
    """`processes`: the URL of each one's figures. It scrapes once a second."""
    address = f"127.0.0.1:{free_port()}"
    (folder / "prometheus.yml").write_text(yaml.safe_dump(_config(processes)))
    shutil.copy(SHIPPED.with_name("alerts.yml"), folder)
    server = _started(folder, address)
    try:
        async with httpx.AsyncClient(
            base_url=f"http://{address}", trust_env=False, timeout=PATIENCE_S
        ) as client:
            made = Prometheus(client)
            async with asyncio.timeout(PATIENCE_S):
                while not await made.is_ready():
                    assert server.poll() is None, (folder / "log").read_text()
                    await asyncio.sleep(0.1)
            yield made
    finally:
        server.terminate()
        await asyncio.to_thread(server.wait)


def _started(folder: Path, address: str) -> "subprocess.Popen[bytes]":
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [
                *("prometheus", f"--web.listen-address={address}"),
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _config(processes: Mapping[str, str]) -> dict[str, Any]:
    """As shipped, but for the ports and the pace."""
    config: dict[str, Any] = yaml.safe_load(SHIPPED.read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    (job,) = config["scrape_configs"]
    for target in job["static_configs"]:
        url = urlsplit(processes[target["labels"]["process"]])
        target["targets"] = [url.netloc]
    return config
