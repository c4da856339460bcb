"""A platform made ready to be measured: a carrier, and numbers for each document."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from bench.http import Api
from bench.processes import PlatformProcesses
from tests.servers.free_ports import free_port
from tests.servers.platform import Platform, platform

CARRIER: Final = "127.0.0.3"
PLAY: Final = "15550101"
SPEAK: Final = "15550102"
DIAL: Final = "15550103"
MENU: Final = "15550104"

_UNLIMITED: Final = {
    "API__REQUESTS_PER_WINDOW": "1000000",
    "SIP__RTP_PORT_MIN": "36000",
    "SIP__RTP_PORT_MAX": "39999",
    "SIP__FLOOD_REQUESTS": "1000000",
    "SIP__INBOUND_CALLS_PER_SECOND": "10000",
    "SIP__TRUNK_PROBE_INTERVAL_S": "1",
}
"""Guards against floods: what is measured here is a flood, and needs ports."""


@dataclass(frozen=True, slots=True)
class Site:
    platform: Platform
    customer: str
    """URL of the customer's web server."""
    carrier_port: int
    workers: int

    @property
    def processes(self) -> PlatformProcesses:
        return PlatformProcesses(self.platform.process.pid)


@contextmanager
def running_site(
    customer: str, workers: int, settings: Mapping[str, str]
) -> Iterator[Site]:
    chosen = _UNLIMITED | {"MEDIA__WORKERS": str(workers)} | dict(settings)
    with platform(chosen) as running:
        site = Site(running, customer, free_port(), workers)
        where = ("--host", CARRIER, "--port", str(site.carrier_port))
        running.operate("trunk", "add", "carrier", *where)
        yield site


async def add_number(site: Site, api: Api, number: str, path: str) -> None:
    """A number that is answered with the customer's document at `path`."""
    app = {
        "app_name": f"bench-{number}",
        "answer_url": site.customer + path,
    }
    made = await api.post("Application/", app | {"answer_method": "GET"})
    owner = ("--account", site.platform.auth_id, "--app", made.body["app_id"])
    await asyncio.to_thread(site.platform.operate, "number", "add", number, *owner)
