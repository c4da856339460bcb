"""The process `voiceplat ledger`: the record of what happened, and who is told of it.

Any number may run: all deliver callbacks and watch nodes, one at a time applies events.
"""

import asyncio
import signal
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import structlog

from voiceplat.bus.bus import Bus
from voiceplat.bus.notebook import Notebook
from voiceplat.core.errors import Unavailable
from voiceplat.core.settings import MediaSettings, Settings
from voiceplat.db.engine import Database
from voiceplat.ledger.accounts import Accounts
from voiceplat.ledger.applier import Applier
from voiceplat.ledger.deliverer import Deliverer, Sender
from voiceplat.ledger.insight import LedgerMeter, insight
from voiceplat.ledger.noting import LedgerNotes
from voiceplat.ledger.reaper import Reaper
from voiceplat.ledger.sweeper import Sweeper
from voiceplat.ledger.timeline_keeper import TimelineKeeper
from voiceplat.ledger.transcriber import Transcriber
from voiceplat.metrics.ledger import LedgerFigures
from voiceplat.metrics.listener import shown
from voiceplat.recordings.links import media_url
from voiceplat.recordings.store import open_store
from voiceplat.speech.transcribing import Transcription
from voiceplat.webhooks.client import WebhookClient
from voiceplat.webhooks.counting import counted_by

log = structlog.get_logger()


async def run(settings: Settings) -> None:
    """Keep the record until SIGTERM or SIGINT; then finish the running deliveries."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    figures = LedgerFigures()
    watch = counted_by(figures.webhooks)
    async with (
        Bus.connect(settings.redis) as bus,
        Database.open(settings.database) as db,
        WebhookClient(settings.webhooks, settings.security, watch=watch) as client,
        shown(
            insight(figures, bus, db), settings.metrics, settings.metrics.ledger_port
        ),
    ):
        await serve(bus, db, client, settings, stop, figures=figures)


async def serve(  # noqa: PLR0913 - what a ledger works with
    bus: Bus,
    db: Database,
    sender: Sender,
    settings: Settings,
    stop: asyncio.Event,
    *,
    figures: LedgerFigures | None = None,
) -> None:
    """Apply, deliver and reap until `stop`.

    Deliveries that are running then may take `drain_timeout_s` more; the rest stays in
    the outbox for the next start, as events stay on the stream.
    """
    accounts = Accounts(bus.directory, settings.security)
    meter = LedgerMeter(figures or LedgerFigures())
    notebook = Notebook(bus, settings.timeline)
    notes = LedgerNotes(notebook, notebook, settings.timeline.digits)
    deliverer = Deliverer(
        db, accounts, sender, settings.webhooks, notes, settled=meter.settled
    )
    url_of = partial(media_url, settings=settings)
    applier = Applier(
        bus,
        db,
        accounts,
        notes,
        url_of=url_of,
        told=deliverer.look,
        settled=meter.applied,
    )
    reaper = Reaper(bus, settings.media, notebook)
    keeper = TimelineKeeper(bus, db, settings)
    store = open_store(settings)
    sweeper = Sweeper(db, store, settings)
    async with Transcription(settings.speech) as ears:
        transcriber = Transcriber(
            db, store, ears, settings.recordings, told=deliverer.look
        )
        transcribers = settings.recordings.transcriptions_at_once
        works = [
            *(applier.run(), reaper.run(), sweeper.run()),
            *(notebook.run(), keeper.run()),
            *(transcriber.run() for _ in range(transcribers)),
        ]
        await _work(works, deliverer, settings.media, stop)
    with suppress(Unavailable):
        await notebook.flush()


async def _work(
    works: Sequence[Coroutine[Any, Any, None]],
    deliverer: Deliverer,
    settings: MediaSettings,
    stop: asyncio.Event,
) -> None:
    async with asyncio.TaskGroup() as tasks:
        background = [tasks.create_task(work) for work in works]
        delivering = tasks.create_task(deliverer.run(stop))
        log.info("ledger_ready")
        await stop.wait()
        for task in background:
            task.cancel()
        drain_s = settings.drain_timeout_s
        _, unfinished = await asyncio.wait({delivering}, timeout=drain_s)
        for task in unfinished:
            log.warning("deliveries_left", after_s=drain_s)
            task.cancel()
