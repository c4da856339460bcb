"""Figures of a host's archive: recordings on their way from the spool to the store."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from voiceplat.metrics.figures import Figures

_ARCHIVE_S: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800)


class ArchiveFigures(Figures):
    def __init__(self) -> None:
        super().__init__()
        self.took = Histogram(
            "voiceplat_archive_seconds",
            "From a recording's end to the store and its announcement.",
            buckets=_ARCHIVE_S,
            registry=self.registry,
        )
        self.waits = Counter(
            "voiceplat_archive_retries",
            "Times that a recording had to wait for the store, the disk or Redis.",
            registry=self.registry,
        )
        self.takes = Gauge(
            "voiceplat_spool_recordings",
            "Recordings in the spool: under way in calls, or over and not stored yet.",
            ["state"],
            registry=self.registry,
        )
        self.spool = Gauge(
            "voiceplat_spool_bytes",
            "What the spool's recordings take.",
            registry=self.registry,
        )
        self.free = Gauge(
            "voiceplat_spool_free_bytes",
            "Free disk under the spool; below spool.reserve_mb nothing is recorded.",
            registry=self.registry,
        )
        self.unusable = Gauge(
            "voiceplat_spool_unusable_recordings",
            "Recordings that could not be converted and were put aside for a person.",
            registry=self.registry,
        )
