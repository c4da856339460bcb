"""What a process shows Prometheus: its figures, in a registry of its own.

Names begin with `voiceplat_` and end with their unit. Label values are of a fixed few,
or the operator's own (trunks): never numbers, uuids, URLs or accounts.
"""

from importlib.metadata import version
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

# a second series for each one that counts
disable_created_metrics()  # type: ignore[no-untyped-call]

REQUEST_S: Final = (
    *(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5),
    *(1.0, 2.5, 5.0, 10.0, 30.0, 60.0),
)
"""Buckets for what is quick when all is well, and takes up to a minute when not."""


class Figures:
    """Those that every process has: its build, CPU, memory, files, what it needs."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        build = Gauge(
            "voiceplat_build_info",
            "Always 1; the label says which release runs.",
            ["version"],
            registry=self.registry,
        )
        build.labels(version("voiceplat")).set(1)
        self.dependency_up = Gauge(
            "voiceplat_dependency_up",
            "1 while that part, which the process needs, answers; else 0.",
            ["part"],
            registry=self.registry,
        )


class Mirror:
    """A counter that another program keeps, which begins anew when that restarts."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._seen: dict[tuple[str, ...], float] = {}

    def show(self, now: float, *labels: str) -> None:
        """`now` is what the program counts at this moment."""
        before = self._seen.get(labels, 0.0)
        counter = self._counter.labels(*labels) if labels else self._counter
        counter.inc(now - before if now >= before else now)
        self._seen[labels] = now


class WebhookFigures:
    """Of requests to customers' servers, each attempt by itself."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._took = Histogram(
            "voiceplat_webhook_seconds",
            "Time that one attempt of a request to a customer's server took.",
            ["purpose"],
            buckets=REQUEST_S,
            registry=registry,
        )
        self._failures = Counter(
            "voiceplat_webhook_failures",
            "Attempts that failed, by what was wrong.",
            ["purpose", "trouble"],
            registry=registry,
        )

    def tried(self, purpose: str, trouble: str, took_s: float) -> None:
        """`trouble` is empty when the attempt was good."""
        self._took.labels(purpose).observe(took_s)
        if trouble:
            self._failures.labels(purpose, trouble).inc()


class ChildFigures:
    """Of processes that the process started, all of one kind together."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.cpu = Counter(
            "voiceplat_child_cpu_seconds",
            "CPU time of the processes that this one started, by kind.",
            ["kind"],
            registry=registry,
        )
        self.memory = Gauge(
            "voiceplat_child_memory_bytes",
            "Their memory (PSS: what is shared counts once).",
            ["kind"],
            registry=registry,
        )
        self.count = Gauge(
            "voiceplat_children",
            "How many of them run.",
            ["kind"],
            registry=registry,
        )
