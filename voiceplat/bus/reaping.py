"""What becomes of the calls of a worker that is dead.

A call that it had not begun is dialled by another worker; one whose INVITE may have
gone out is over. Supervisors do this for a worker, the ledger for a whole node; both
may do it at the same time, and nothing happens twice.
"""

from dataclasses import dataclass

from voiceplat.bus.bus import Bus
from voiceplat.calls.call import EndFacts
from voiceplat.calls.hangup import CAUSES
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import CallUuid, NodeId, WorkerAddress


@dataclass(frozen=True, slots=True)
class Reaped:
    requeued: tuple[CallUuid, ...] = ()
    ended: tuple[CallUuid, ...] = ()


async def reap_worker(bus: Bus, worker: WorkerAddress) -> Reaped:
    """Take everything from a dead worker: slots, jobs, calls and their far ends."""
    await bus.slots.withdraw(worker)
    requeued, ended = [], []
    for uuid in await bus.live.held_by(worker):
        if await bus.queue.requeue(uuid, held_by=worker):
            requeued.append(uuid)
        elif await bus.live.end(uuid, _internal_error(), held_by=worker):
            ended.append(uuid)
    await bus.commands.discard(worker)
    await bus.nodes.tell_lost(worker)
    return Reaped(tuple(requeued), tuple(ended))


async def reap_node(bus: Bus, node: NodeId) -> Reaped:
    """Take everything from a dead node, its rooms too, then forget it."""
    requeued: tuple[CallUuid, ...] = ()
    ended: tuple[CallUuid, ...] = ()
    for worker in await bus.nodes.workers(node):
        reaped = await reap_worker(bus, worker)
        requeued += reaped.requeued
        ended += reaped.ended
    await bus.rooms.release_all_at(node)
    await bus.nodes.remove(node)
    return Reaped(requeued, ended)


def _internal_error() -> EndFacts:
    cause = CAUSES[5010]
    return EndFacts(cause_code=cause.code, source=cause.source, at=utc_now())
