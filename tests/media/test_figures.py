"""What workers tell their supervisor to count, over the pipe between them."""

import multiprocessing
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest

from voiceplat.media.insight import take
from voiceplat.metrics.media import MediaFigures
from voiceplat.metrics.told import (
    FIGURE,
    Figure,
    PromptWait,
    QueueWait,
    RoomGap,
    WebhookTry,
    teller,
)

Pipe = tuple[Connection, Connection]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    """The supervisor's end and the worker's."""
    ours, theirs = multiprocessing.Pipe()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize(
    ("figure", "sample", "labels"),
    [
        (QueueWait(seconds=2), "voiceplat_queue_wait_seconds_sum", {}),
        (
            WebhookTry(seconds=2, purpose="answer", failure=""),
            "voiceplat_webhook_seconds_sum",
            {"purpose": "answer"},
        ),
        (
            PromptWait(seconds=2, source="speak", cached=False),
            "voiceplat_prompt_seconds_sum",
            {"source": "speak", "cache": "miss"},
        ),
        (RoomGap(ticks=2), "voiceplat_room_missed_ticks_total", {}),
    ],
)
def test_what_a_worker_tells_is_counted(
    pipe: Pipe, figure: Figure, sample: str, labels: dict[str, str]
) -> None:
    ours, theirs = pipe
    figures = MediaFigures()

    teller(theirs)(figure)
    take(figures, ours.recv_bytes())

    assert figures.registry.get_sample_value(sample, labels) == 2


def test_a_request_that_failed_is_counted_by_what_was_wrong() -> None:
    figures = MediaFigures()
    failed = WebhookTry(seconds=2, purpose="answer", failure="5xx")

    take(figures, FIGURE + failed.model_dump_json().encode())

    labels = {"purpose": "answer", "trouble": "5xx"}
    name = "voiceplat_webhook_failures_total"
    assert figures.registry.get_sample_value(name, labels) == 1


def test_a_supervisor_that_does_not_listen_keeps_no_worker_waiting(pipe: Pipe) -> None:
    ours, theirs = pipe
    tell = teller(theirs)

    for _ in range(20_000):  # several times what the pipe holds
        tell(QueueWait(seconds=1))

    assert ours.recv_bytes().startswith(FIGURE)


def test_a_supervisor_that_is_gone_is_not_told(pipe: Pipe) -> None:
    ours, theirs = pipe
    ours.close()

    teller(theirs)(QueueWait(seconds=1))


def test_nonsense_is_not_counted() -> None:
    take(MediaFigures(), FIGURE + b'{"kind": "unheard_of", "seconds": 1}')
