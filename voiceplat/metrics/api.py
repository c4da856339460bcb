"""Figures of the REST API: its requests."""

from prometheus_client import Counter, Gauge, Histogram

from voiceplat.metrics.figures import REQUEST_S, Figures


class ApiFigures(Figures):
    def __init__(self) -> None:
        super().__init__()
        self.requests = Counter(
            "voiceplat_api_requests",
            "Requests by route (below the account) and status; 429: over the limit.",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.took = Histogram(
            "voiceplat_api_request_seconds",
            "Time until a request was answered whole.",
            ["method", "route"],
            buckets=REQUEST_S,
            registry=self.registry,
        )
        self.under_way = Gauge(
            "voiceplat_api_requests_under_way",
            "Requests that are being answered.",
            registry=self.registry,
        )
