"""What a media node shows of its load, and when it says that it takes calls."""

import os
from dataclasses import dataclass, field

import pytest

from tests.bus.calls import NODE, WORKER, WORKER_2, a_call
from voiceplat.bus.bus import Bus
from voiceplat.calls.status import Direction
from voiceplat.core.ids import WorkerAddress
from voiceplat.core.settings import MediaSettings
from voiceplat.media.insight import NotTaking, insight
from voiceplat.metrics.listener import Insight
from voiceplat.metrics.media import MediaFigures

pytestmark = pytest.mark.redis

SETTINGS = MediaSettings(workers=3, sessions_per_worker=2, legs_per_worker=4)


@dataclass
class Supervisor:
    """As far as it is looked at."""

    workers: list[WorkerAddress] = field(default_factory=lambda: [WORKER, WORKER_2])
    draining: bool = False

    def pids(self) -> dict[str, list[int]]:
        return {"worker": [os.getpid()], "mixer": []}


def shown(bus: Bus, node: Supervisor) -> tuple[Insight, MediaFigures]:
    figures = MediaFigures()
    return insight(figures, node, bus, SETTINGS), figures


def value(figures: MediaFigures, name: str, **labels: str) -> float | None:
    return figures.registry.get_sample_value(f"voiceplat_{name}", labels)


async def test_load_is_that_of_the_workers_that_run(bus: Bus) -> None:
    await bus.slots.announce(WORKER, free=1, busy=1, legs=3)
    await bus.slots.announce(WORKER_2, free=2, busy=0, legs=4)
    call = a_call(direction=Direction.INBOUND)
    await bus.live.open_at(call, WORKER, NODE)
    seen, figures = shown(bus, Supervisor())

    await seen.look()

    ringing = {"status": "ringing", "direction": "inbound"}
    assert value(figures, "live_calls", **ringing) == 1
    assert value(figures, "workers_wanted") == 3
    assert (value(figures, "slots"), value(figures, "slots_free")) == (4, 3)
    assert (value(figures, "legs"), value(figures, "legs_free")) == (8, 7)
    assert value(figures, "children", kind="worker") == 1


async def test_a_kind_of_call_that_is_over_counts_nothing(bus: Bus) -> None:
    call = a_call(direction=Direction.INBOUND)
    await bus.live.open_at(call, WORKER, NODE)
    seen, figures = shown(bus, Supervisor())
    await seen.look()
    await bus.live.answered(call.uuid)

    await seen.look()

    inbound = {"direction": "inbound"}
    assert value(figures, "live_calls", status="ringing", **inbound) == 0
    assert value(figures, "live_calls", status="in-progress", **inbound) == 1


@pytest.mark.parametrize(
    ("node", "why"),
    [
        (Supervisor(draining=True), "it drains"),
        (Supervisor(workers=[]), "no worker runs"),
    ],
)
async def test_a_node_that_takes_no_calls_says_why(
    bus: Bus, node: Supervisor, why: str
) -> None:
    seen, _ = shown(bus, node)

    with pytest.raises(NotTaking, match=why):
        await seen.needs["workers"]()


async def test_a_node_that_takes_calls_is_ready(bus: Bus) -> None:
    seen, _ = shown(bus, Supervisor())

    for check in seen.needs.values():
        await check()
