"""Figures of the edge: Kamailio's and rtpengine's own, in our names, and the trunks."""

from prometheus_client import Counter, Gauge

from voiceplat.metrics.figures import ChildFigures, Figures, Mirror


class EdgeFigures(Figures):
    def __init__(self) -> None:
        super().__init__()
        self.children = ChildFigures(self.registry)
        self.restarts = Counter(
            "voiceplat_server_restarts",
            "Times that a server of the edge ended and was started again.",
            ["kind"],
            registry=self.registry,
        )
        for kind in ("kamailio", "rtpengine", "redis-server"):
            self.restarts.labels(kind)
        self.trunk_up = Gauge(
            "voiceplat_trunk_up",
            "1 while calls are sent to the trunk, by its name.",
            ["trunk"],
            registry=self.registry,
        )
        self.trunk_calls = Gauge(
            "voiceplat_trunk_calls",
            "Calls out over the trunk, ringing or answered.",
            ["trunk"],
            registry=self.registry,
        )
        self.sip = SipFigures(self)
        self.rtp = RelayFigures(self)


class SipFigures:
    """Kamailio's."""

    def __init__(self, to: Figures) -> None:
        self.requests = Mirror(
            Counter(
                "voiceplat_sip_requests",
                "SIP requests that the edge received, by method.",
                ["method"],
                registry=to.registry,
            )
        )
        self.replies = Mirror(
            Counter(
                "voiceplat_sip_replies",
                "SIP replies that the edge received, by class of status.",
                ["class"],
                registry=to.registry,
            )
        )
        self.dropped = Mirror(
            Counter(
                "voiceplat_sip_dropped",
                "SIP messages that the edge threw away, for it cannot send them on.",
                registry=to.registry,
            )
        )
        self.dialogs = Gauge(
            "voiceplat_sip_dialogs",
            "SIP dialogs through the edge.",
            registry=to.registry,
        )
        self.endpoints = Gauge(
            "voiceplat_endpoints_registered",
            "Endpoints with at least one registered device.",
            registry=to.registry,
        )
        self.connections = Gauge(
            "voiceplat_sip_connections",
            "Connections of phones and browsers, by transport (tls: WSS too).",
            ["transport"],
            registry=to.registry,
        )
        self.memory_free = Gauge(
            "voiceplat_sip_shared_memory_free_bytes",
            "Kamailio's shared memory that is free, of sip.shared_memory_mb.",
            registry=to.registry,
        )


class RelayFigures:
    """rtpengine's."""

    def __init__(self, to: Figures) -> None:
        self.sessions = Gauge(
            "voiceplat_relay_calls",
            "Calls whose audio rtpengine relays.",
            registry=to.registry,
        )
        self.packets = Mirror(
            Counter(
                "voiceplat_relay_packets",
                "RTP packets that rtpengine relayed.",
                registry=to.registry,
            )
        )
        self.bytes = Mirror(
            Counter(
                "voiceplat_relay_bytes",
                "Bytes of RTP that rtpengine relayed.",
                registry=to.registry,
            )
        )
        self.errors = Mirror(
            Counter(
                "voiceplat_relay_errors",
                "Packets that rtpengine could not relay.",
                registry=to.registry,
            )
        )
        self.one_way = Mirror(
            Counter(
                "voiceplat_relay_one_way_streams",
                "Streams that rtpengine saw sound in one direction of only.",
                registry=to.registry,
            )
        )
        self.silent = Mirror(
            Counter(
                "voiceplat_relay_timeouts",
                "Calls that rtpengine ended because nothing came any more.",
                registry=to.registry,
            )
        )
