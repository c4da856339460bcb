"""Figures of a media node: calls, workers, mixers, and what callers wait for."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from voiceplat.metrics.figures import (
    REQUEST_S,
    ChildFigures,
    Figures,
    WebhookFigures,
)

_QUEUE_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 60, 300, 900, 3600)


class MediaFigures(Figures):
    def __init__(self) -> None:
        super().__init__()
        self.webhooks = WebhookFigures(self.registry)
        self.children = ChildFigures(self.registry)
        self.queue_wait = Histogram(
            "voiceplat_queue_wait_seconds",
            "From an outbound call's acceptance to its INVITE.",
            buckets=_QUEUE_S,
            registry=self.registry,
        )
        self.prompt = Histogram(
            "voiceplat_prompt_seconds",
            "How long a call waited for the audio of a Speak or Play, ready to sound.",
            ["source", "cache"],
            buckets=REQUEST_S,
            registry=self.registry,
        )
        self.deaths = Counter(
            "voiceplat_child_deaths",
            "Workers and mixers that ended without being told to.",
            ["kind"],
            registry=self.registry,
        )
        self.room_gaps = Counter(
            "voiceplat_room_missed_ticks",
            "Ticks of 20 ms that conference rooms left out: their mixer had no time.",
            registry=self.registry,
        )
        for kind in ("worker", "mixer"):
            self.deaths.labels(kind)
        self.load = _LoadFigures(self)


class _LoadFigures:
    def __init__(self, to: Figures) -> None:
        self.calls = Gauge(
            "voiceplat_live_calls",
            "Calls that this node's workers hold.",
            ["status", "direction"],
            registry=to.registry,
        )
        self.slots = Gauge(
            "voiceplat_slots",
            "Calls that this node's running workers can hold.",
            registry=to.registry,
        )
        self.slots_free = Gauge(
            "voiceplat_slots_free",
            "Slots that they offer now; none while the node drains.",
            registry=to.registry,
        )
        self.legs = Gauge(
            "voiceplat_legs",
            "Legs that this node's running workers have.",
            registry=to.registry,
        )
        self.legs_free = Gauge(
            "voiceplat_legs_free",
            "Legs that nobody uses.",
            registry=to.registry,
        )
        self.workers_wanted = Gauge(
            "voiceplat_workers_wanted",
            "Call workers that this node is set to run (media.workers).",
            registry=to.registry,
        )
