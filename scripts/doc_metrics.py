"""Every figure that a process tells Prometheus, read out of the process' own class."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from prometheus_client.metrics import MetricWrapperBase

from voiceplat.metrics.api import ApiFigures
from voiceplat.metrics.archive import ArchiveFigures
from voiceplat.metrics.edge import EdgeFigures
from voiceplat.metrics.figures import Figures
from voiceplat.metrics.ledger import LedgerFigures
from voiceplat.metrics.media import MediaFigures
from voiceplat.metrics.speech import SpeechFigures

PROCESSES: Final[dict[str, type[Figures]]] = {
    "api": ApiFigures,
    "media": MediaFigures,
    "ledger": LedgerFigures,
    "speech": SpeechFigures,
    "archive": ArchiveFigures,
    "edge": EdgeFigures,
}


@dataclass(frozen=True, slots=True)
class Family:
    """A metric; `name` is as one asks for it, a histogram's without its suffixes."""

    name: str
    kind: str
    labels: tuple[str, ...]
    meaning: str


def families(process: str) -> Iterator[Family]:
    """Ours; the client's own (`process_…`, `python_…`) are not among them."""
    registry = PROCESSES[process]().registry
    for collector in registry._collector_to_names:  # noqa: SLF001 - there is no list
        if isinstance(collector, MetricWrapperBase):
            (described,) = collector.describe()
            suffix = "_total" if described.type == "counter" else ""
            yield Family(
                described.name + suffix,
                described.type,
                tuple(collector._labelnames),  # noqa: SLF001 - nor a way to ask
                described.documentation,
            )


def metrics_table() -> str:
    """One row for each metric, with the processes that tell it."""
    told: dict[Family, list[str]] = {}
    for process in PROCESSES:
        for family in families(process):
            told.setdefault(family, []).append(process)
    rows = []
    for family, processes in told.items():
        labels = ", ".join(f"`{label}`" for label in family.labels)
        by = "all" if len(processes) == len(PROCESSES) else ", ".join(processes)
        rows.append(
            f"| `{family.name}` | {family.kind} | {labels} | {by} | {family.meaning} |"
        )
    head = ["| metric | type | labels | process | meaning |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows])
