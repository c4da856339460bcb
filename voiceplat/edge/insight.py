"""What the edge shows of Kamailio, rtpengine and the trunks, when somebody asks."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any, Final

from voiceplat.bus.bus import Bus
from voiceplat.bus.directory import TrunkEntry
from voiceplat.bus.trunks import UNKNOWN, TrunkHealth
from voiceplat.core.sip_settings import SipSettings
from voiceplat.edge.control import ping_rtpengine, rtpengine_statistics
from voiceplat.edge.trunk_watch import Rpc
from voiceplat.metrics.children import Children, session_members
from voiceplat.metrics.edge import EdgeFigures, RelayFigures, SipFigures
from voiceplat.metrics.listener import Check

_METHODS: Final = (
    *("invite", "ack", "bye", "cancel", "register", "options"),
    *("refer", "info", "message", "subscribe", "notify", "update", "prack"),
)
_CLASSES: Final = ("1xx", "2xx", "3xx", "4xx", "5xx", "6xx")
_DROPPED: Final = ("drop_requests", "drop_replies", "err_requests", "bad_msg_hdr")

Statistics = Mapping[str, Any]


class EdgeInsight:
    """Brings the edge's figures up to date."""

    def __init__(
        self,
        figures: EdgeFigures,
        bus: Bus,
        rpc: Rpc,
        topology: Check,
        sip: SipSettings,
    ) -> None:
        """`topology` asks the edge's own Redis."""
        self.figures = figures
        self._bus = bus
        self._rpc = rpc
        self._topology = topology
        self._sip = sip
        self._children = Children(figures.children)
        self._named: set[str] = set()

    def needs(self) -> dict[str, Check]:
        """What the edge needs to be of use."""
        sip = self._sip
        return {
            "redis": self._bus.ping,
            "topology": self._topology,
            "kamailio": lambda: self._rpc("core.uptime"),
            "rtpengine": lambda: ping_rtpengine(sip.private_host, sip.rtpengine_port),
        }

    async def look(
        self, trunks: Iterable[TrunkEntry], servers: Mapping[str, int]
    ) -> None:
        """`servers` are the pids of each. Raises Unavailable, RpcRefused."""
        await asyncio.to_thread(self._look_at_children, servers)
        show_relay(
            self.figures.rtp,
            await rtpengine_statistics(
                self._sip.private_host, self._sip.rtpengine_port
            ),
        )
        show_sip(self.figures.sip, await self._rpc("stats.fetch", "all"))
        connections = await self._rpc("core.tcp_info")
        tls = int(connections["opened_tls_connections"])
        opened = self.figures.sip.connections.labels
        opened("tls").set(tls)
        opened("tcp").set(int(connections["opened_connections"]) - tls)
        await self._look_at_trunks(trunks)

    def _look_at_children(self, servers: Mapping[str, int]) -> None:
        self._children.look(
            {name: session_members(pid) if pid else () for name, pid in servers.items()}
        )

    async def _look_at_trunks(self, trunks: Iterable[TrunkEntry]) -> None:
        states = await self._bus.trunks.states()
        names = {trunk.name: states.get(trunk.id, UNKNOWN) for trunk in trunks}
        for gone in self._named - names.keys():
            self.figures.trunk_up.remove(gone)
            self.figures.trunk_calls.remove(gone)
        for name, state in names.items():
            self.figures.trunk_up.labels(name).set(state.health is TrunkHealth.UP)
            self.figures.trunk_calls.labels(name).set(state.calls)
        self._named = set(names)


def show_sip(figures: SipFigures, told: Statistics) -> None:
    """`told` is the answer to `stats.fetch all`."""
    for method in _METHODS:
        count = int(told[f"core.rcv_requests_{method}"])
        figures.requests.show(count, method.upper())
    for kind in _CLASSES:
        figures.replies.show(int(told[f"core.rcv_replies_{kind}"]), kind)
    figures.dropped.show(sum(int(told[f"core.{name}"]) for name in _DROPPED))
    figures.dialogs.set(int(told["dialog.active_dialogs"]))
    figures.endpoints.set(int(told["usrloc.registered_users"]))
    figures.memory_free.set(int(told["shmem.free_size"]))


def show_relay(figures: RelayFigures, told: Statistics) -> None:
    """`told` is rtpengine's answer to `statistics`."""
    totals = told["totalstatistics"]
    figures.sessions.set(told["currentstatistics"]["sessionstotal"])
    figures.packets.show(totals["relayedpackets"])
    figures.bytes.show(totals["relayedbytes"])
    figures.errors.show(totals["relayedpacketerrors"])
    figures.one_way.show(totals["onewaystreams"])
    figures.silent.show(totals["timeoutsessions"] + totals["silenttimeoutsessions"])
