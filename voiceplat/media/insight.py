"""What a media node shows: its own figures, those its workers told, and its load."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import structlog
from pydantic import ValidationError

from voiceplat.bus.bus import Bus
from voiceplat.core.errors import VoiceplatError
from voiceplat.core.ids import WorkerAddress
from voiceplat.core.settings import MediaSettings
from voiceplat.metrics.children import Children
from voiceplat.metrics.listener import Insight
from voiceplat.metrics.media import MediaFigures
from voiceplat.metrics.told import (
    FIGURE,
    FIGURES,
    PromptWait,
    QueueWait,
    RoomGap,
    WebhookTry,
)

log = structlog.get_logger()


class NotTaking(VoiceplatError):
    """The node takes no calls; says why."""


class Node(Protocol):
    """media.supervisor.Supervisor, as far as it is looked at."""

    @property
    def workers(self) -> Sequence[WorkerAddress]: ...

    @property
    def draining(self) -> bool: ...

    def pids(self) -> Mapping[str, Iterable[int]]: ...


def insight(
    figures: MediaFigures, node: Node, bus: Bus, settings: MediaSettings
) -> Insight:
    children = Children(figures.children)
    shown: set[tuple[str, str]] = set()
    figures.load.workers_wanted.set(settings.workers)

    async def takes_calls() -> None:
        if node.draining:
            raise NotTaking("it drains: no new calls, live ones may finish")
        if not node.workers:
            raise NotTaking("no worker runs")

    async def look() -> None:
        await asyncio.to_thread(children.look, node.pids())
        workers = node.workers
        load = figures.load
        load.slots.set(len(workers) * settings.sessions_per_worker)
        load.legs.set(len(workers) * settings.legs_per_worker)
        held = await bus.census.held(workers)
        load.slots_free.set(held.slots_free)
        load.legs_free.set(held.legs_free)
        for kind in shown - held.calls.keys():
            load.calls.labels(*kind).set(0)
        for kind, count in held.calls.items():
            load.calls.labels(*kind).set(count)
            shown.add(kind)

    return Insight(figures, {"redis": bus.ping, "workers": takes_calls}, look)


def take(figures: MediaFigures, message: bytes) -> None:
    """Count what a worker or mixer told; `message` begins with FIGURE."""
    try:
        figure = FIGURES.validate_json(message.removeprefix(FIGURE))
    except ValidationError as error:
        log.warning("figure_invalid", errors=error.error_count())
        return
    match figure:
        case QueueWait():
            figures.queue_wait.observe(figure.seconds)
        case WebhookTry():
            figures.webhooks.tried(figure.purpose, figure.failure, figure.seconds)
        case PromptWait():
            cache = "hit" if figure.cached else "miss"
            figures.prompt.labels(figure.source, cache).observe(figure.seconds)
        case RoomGap():
            figures.room_gaps.inc(figure.ticks)
