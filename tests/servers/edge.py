"""A real edge: Kamailio and rtpengine on free ports, run by voiceplat.edge.app.

Outside and private side have addresses of their own (127/8 is all loopback), so that a
test can see whether one shows on the other.
"""

import asyncio
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from tests.servers.free_ports import free_ports
from tests.servers.redis import PATIENCE
from tests.servers.rtp_ports import rtp_ports
from voiceplat.core.settings import (
    MediaSettings,
    RedisSettings,
    SecuritySettings,
    Settings,
)
from voiceplat.core.sip_settings import SipSettings
from voiceplat.core.turn_settings import TurnSettings
from voiceplat.edge.app import Edge, running_edge
from voiceplat.edge.child import StartFailed

OUTSIDE_HOST: Final = "127.0.0.1"
PRIVATE_HOST: Final = "127.7.7.7"
START_TIMEOUT_S: Final = 30
ATTEMPTS: Final = 3
RTP_PORTS: Final = range(20000, 30000, 200)
RELAY_PORTS: Final = 50
RELAY_RANGES: Final = 60
TURN_SECRET: Final = "between us"


@dataclass(frozen=True, slots=True)
class EdgeServer:
    settings: Settings
    edge: Edge

    @property
    def outside(self) -> tuple[str, int]:
        """Where phones and carriers send, by UDP and TCP."""
        return self.settings.sip.host, self.settings.sip.port

    @property
    def private(self) -> tuple[str, int]:
        """Where call workers send; from `private_host`, they are private too."""
        return self.settings.sip.private_host, self.settings.sip.private_port

    @property
    def domain(self) -> str:
        return self.settings.sip.domain


@contextmanager
def edge_server(
    redis_url: str,
    *,
    media: MediaSettings | None = None,
    allow_private_urls: bool = True,
    allowed_private_networks: Sequence[str] = (),
    turn: Mapping[str, object] | None = None,
    **sip: object,
) -> Iterator[EdgeServer]:
    """An edge that answers; it ends with the block.

    Keywords are settings of `sip`; those of `turn` bring a TURN server.
    """
    with (
        tempfile.TemporaryDirectory(prefix="vp-edge-") as folder,
        rtp_ports(RTP_PORTS) as (first, last),
    ):
        sip = {"rtp_port_min": first, "rtp_port_max": last} | sip
        for attempt in range(ATTEMPTS):
            settings = Settings(
                data=Path(folder),
                redis=RedisSettings(url=redis_url, **PATIENCE),
                media=media or MediaSettings(private_host=PRIVATE_HOST),
                sip=_sip_settings(**sip),
                turn=_turn_settings(turn),
                security=SecuritySettings.model_validate(
                    {
                        "allow_private_urls": allow_private_urls,
                        "allowed_private_networks": allowed_private_networks,
                    }
                ),
            )
            ready: Future[tuple[Edge, Callable[[], object]]] = Future()
            thread = threading.Thread(target=_serve, args=(settings, ready))
            thread.start()
            try:
                edge, stop = ready.result(START_TIMEOUT_S)
                break
            except StartFailed:  # somebody took a port meanwhile
                thread.join()
                if attempt == ATTEMPTS - 1:
                    raise
        try:
            yield EdgeServer(settings, edge)
        finally:
            stop()
            thread.join()


def _serve(
    settings: Settings, ready: "Future[tuple[Edge, Callable[[], object]]]"
) -> None:
    """Run the edge on a loop of its own, so that tests may block and share it."""

    async def serve() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        async with running_edge(settings) as edge:
            ready.set_result((edge, partial(loop.call_soon_threadsafe, stop.set)))
            await stop.wait()

    try:
        asyncio.run(serve())
    except BaseException as error:
        if ready.done():
            raise
        ready.set_exception(error)


def _turn_settings(turn: Mapping[str, object] | None) -> TurnSettings:
    if turn is None:
        return TurnSettings()
    port, tls_port = free_ports(2)
    relay_port_min = 12000 + port % RELAY_RANGES * RELAY_PORTS
    chosen: dict[str, object] = {
        "port": port,
        "tls_port": tls_port,
        "secret": TURN_SECRET,
        "relay_port_min": relay_port_min,
        "relay_port_max": relay_port_min + RELAY_PORTS - 1,
    }
    return TurnSettings.model_validate(chosen | dict(turn))


def _sip_settings(**sip: object) -> SipSettings:
    port, tls, wss, ws, private_port, rtpengine_port = free_ports(6)
    chosen: dict[str, object] = {
        "host": OUTSIDE_HOST,
        "port": port,
        "tls_port": tls,
        "wss_port": wss,
        "ws_port": ws,
        "private_host": PRIVATE_HOST,
        "private_port": private_port,
        "private_sources": (f"{PRIVATE_HOST}/32",),
        "rtpengine_port": rtpengine_port,
        "answer_timeout_ms": 2000,
        "shared_memory_mb": 64,
    }
    return SipSettings.model_validate(chosen | sip)
