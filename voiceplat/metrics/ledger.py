"""Figures of the ledger: calls as they begin and end, callbacks, the bus as a whole.

Each call is counted by the one ledger that applied its event; what is told of the bus
and the outbox is the same whichever ledger is asked.
"""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from voiceplat.metrics.figures import Figures, WebhookFigures

_TALK_S: Final = (1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400)
_SETUP_S: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300)
_LOSS: Final = (0.0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_JITTER_S: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5)


class LedgerFigures(Figures):
    def __init__(self) -> None:
        super().__init__()
        self.webhooks = WebhookFigures(self.registry)
        self.started = Counter(
            "voiceplat_calls_started",
            "Calls that were accepted (outbound) or came in (inbound).",
            ["direction"],
            registry=self.registry,
        )
        self.ended = Counter(
            "voiceplat_calls_ended",
            "Calls that are over, by hangup cause (docs/errors.md).",
            ["direction", "answered", "cause", "cause_name"],
            registry=self.registry,
        )
        self.setup = Histogram(
            "voiceplat_call_setup_seconds",
            "From a call's beginning, its time in the queue included, to its answer.",
            ["direction"],
            buckets=_SETUP_S,
            registry=self.registry,
        )
        self.talk = Histogram(
            "voiceplat_call_talk_seconds",
            "How long answered calls lasted.",
            ["direction"],
            buckets=_TALK_S,
            registry=self.registry,
        )
        self.audio = _AudioFigures(self)
        self.bus = _BusFigures(self)
        self.outbox = _OutboxFigures(self)
        self.recordings = Counter(
            "voiceplat_recordings_announced",
            "Recordings that entered the record, by what became of them.",
            ["outcome"],
            registry=self.registry,
        )


class _AudioFigures:
    """What workers heard of their calls' far ends, through the edge."""

    def __init__(self, to: Figures) -> None:
        self._received = Counter(
            "voiceplat_rtp_packets_received",
            "RTP packets that calls received, counted when each is over.",
            registry=to.registry,
        )
        self._lost = Counter(
            "voiceplat_rtp_packets_lost",
            "RTP packets that never arrived, counted when the call is over.",
            registry=to.registry,
        )
        self._loss = Histogram(
            "voiceplat_call_packet_loss_ratio",
            "Share of a call's RTP packets that were lost; of calls that had any.",
            buckets=_LOSS,
            registry=to.registry,
        )
        self._jitter = Histogram(
            "voiceplat_call_jitter_seconds",
            "A call's mean jitter; of calls that received RTP.",
            buckets=_JITTER_S,
            registry=to.registry,
        )

    def heard(self, received: int, lost: int, jitter_ms: float) -> None:
        """Of one call, at its end."""
        lost = max(0, lost)  # RFC 3550 lets packets that came twice make it negative
        self._received.inc(received)
        self._lost.inc(lost)
        if received + lost:
            self._loss.observe(lost / (received + lost))
        if received:
            self._jitter.observe(jitter_ms / 1000)


class _BusFigures:
    def __init__(self, to: Figures) -> None:
        self.queued = Gauge(
            "voiceplat_queue_calls",
            "Calls that wait in the queues of all accounts.",
            registry=to.registry,
        )
        self.oldest = Gauge(
            "voiceplat_queue_oldest_seconds",
            "How long the call that has waited longest has been in its queue.",
            registry=to.registry,
        )
        self.nodes = Gauge(
            "voiceplat_media_nodes",
            "Media nodes that are alive.",
            registry=to.registry,
        )
        self.waiting = Gauge(
            "voiceplat_events_waiting",
            "Events on the stream that no ledger has applied yet.",
            registry=to.registry,
        )
        self.parked = Gauge(
            "voiceplat_events_parked",
            "Events that could not be applied and were put aside for a person.",
            registry=to.registry,
        )


class _OutboxFigures:
    def __init__(self, to: Figures) -> None:
        self.settled = Counter(
            "voiceplat_callbacks_settled",
            "Attempts to deliver callbacks that only tell, by what came of them.",
            ["verdict"],
            registry=to.registry,
        )
        for verdict in ("delivered", "failed", "waits"):
            self.settled.labels(verdict)
        self.pending = Gauge(
            "voiceplat_callbacks_pending",
            "Callbacks in the outbox that are not settled.",
            registry=to.registry,
        )
        self.oldest = Gauge(
            "voiceplat_callbacks_oldest_seconds",
            "How long the oldest of them has been there.",
            registry=to.registry,
        )
