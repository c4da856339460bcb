"""Closes the calls of nodes that fell silent.

A heartbeat is late because its node is dead, or because Redis or this host was away for
a while; the second must not end live calls. So a node is only suspected after half of
the timeout, and dead after it stayed silent for another half in which this ledger saw
Redis all the time: whoever lives has beaten several times by then.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog

from voiceplat.bus.bus import Bus
from voiceplat.bus.reaping import reap_node
from voiceplat.calls.trouble import PLATFORM, Trouble, TroubleKind, Troubles
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import Unavailable
from voiceplat.core.ids import NodeId
from voiceplat.core.settings import MediaSettings

log = structlog.get_logger()

LOOKS: Final = 20
"""How often it looks within one timeout."""


class Reaper:
    def __init__(
        self,
        bus: Bus,
        settings: MediaSettings,
        troubles: Troubles,
        *,
        now: Callable[[], float] | None = None,
    ) -> None:
        self._bus = bus
        self._troubles = troubles
        self._now = now or asyncio.get_running_loop().time
        self._half = timedelta(milliseconds=settings.heartbeat_timeout_ms) / 2
        self._suspected: dict[NodeId, float] = {}

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self._half.total_seconds() * 2 / LOOKS)

    async def look(self) -> None:
        """Reap the nodes that have been suspected for long enough."""
        try:
            for node in self._overdue(await self._bus.nodes.dead(self._half)):
                reaped = await reap_node(self._bus, node)
                log.warning(
                    "node_reaped",
                    node=node,
                    requeued=reaped.requeued,
                    ended=reaped.ended,
                )
                self._troubles.trouble(
                    Trouble(
                        at=utc_now(),
                        account=PLATFORM,
                        kind=TroubleKind.WORKER,
                        text=f"media node {node} fell silent; "
                        f"{len(reaped.ended)} calls ended with it",
                    )
                )
        except Unavailable as error:
            log.warning("nodes_not_watched", why=str(error))
            self._suspected.clear()

    def _overdue(self, silent: list[NodeId]) -> list[NodeId]:
        now = self._now()
        self._suspected = {node: self._suspected.get(node, now) for node in silent}
        half_s = self._half.total_seconds()
        return [
            node for node, since in self._suspected.items() if now - since >= half_s
        ]
