"""What the ledger shows of calls, the outbox and the bus."""

from voiceplat.bus.bus import Bus
from voiceplat.bus.events import Event, EventKind
from voiceplat.calls.call import EndedCall
from voiceplat.calls.hangup import CAUSES
from voiceplat.core.clock import utc_now
from voiceplat.db.engine import Database
from voiceplat.db.repositories.callback import CallbackRepository
from voiceplat.ledger.deliverer import Delivered, Failed, TryAgain, Verdict
from voiceplat.metrics.ledger import LedgerFigures
from voiceplat.metrics.listener import Insight


def insight(figures: LedgerFigures, bus: Bus, db: Database) -> Insight:
    """What is shown of a ledger with these figures."""

    async def look() -> None:
        await _look_at_bus(figures, bus)
        await _look_at_outbox(figures, db)

    return Insight(figures, {"redis": bus.ping, "database": db.ping}, look)


class LedgerMeter:
    """Counts what the ledger does."""

    def __init__(self, figures: LedgerFigures) -> None:
        self._figures = figures

    def settled(self, verdict: Verdict) -> None:
        """What came of an attempt to deliver a callback."""
        match verdict:
            case Delivered():
                word = "delivered"
            case Failed():
                word = "failed"
            case TryAgain():
                word = "waits"
        self._figures.outbox.settled.labels(word).inc()

    def applied(self, event: Event) -> None:
        """An event that has left the stream."""
        match event.kind:
            case EventKind.INITIATED:
                direction = event.live().call.direction
                self._figures.started.labels(direction).inc()
            case EventKind.ENDED:
                self._ended(event.ended())
            case EventKind.RECORDED:
                outcome = "failed" if event.recorded().failure else "stored"
                self._figures.recordings.labels(outcome).inc()

    def _ended(self, ended: EndedCall) -> None:
        figures, end = self._figures, ended.end
        direction, cause = ended.call.direction, CAUSES[end.cause_code]
        answered = "no" if ended.answered_at is None else "yes"
        figures.ended.labels(direction, answered, cause.code, cause.name).inc()
        if ended.answered_at is not None:
            setup = ended.answered_at - ended.call.initiated_at
            figures.setup.labels(direction).observe(max(0.0, setup.total_seconds()))
            figures.talk.labels(direction).observe(ended.duration_s)
        figures.audio.heard(end.packets_received, end.packets_lost, end.jitter_ms)


async def _look_at_bus(figures: LedgerFigures, bus: Bus) -> None:
    queued = await bus.census.queued()
    figures.bus.queued.set(queued.calls)
    figures.bus.oldest.set(queued.longest.total_seconds())
    figures.bus.nodes.set(len(await bus.nodes.alive()))
    figures.bus.waiting.set(await bus.events.waiting())
    figures.bus.parked.set(await bus.events.parked())


async def _look_at_outbox(figures: LedgerFigures, db: Database) -> None:
    async with db.reading() as tx:
        pending, oldest = await CallbackRepository(tx).pending()
    figures.outbox.pending.set(pending)
    waited = utc_now() - oldest if oldest else None
    figures.outbox.oldest.set(waited.total_seconds() if waited else 0)
