"""Calls of the tests of this folder, and what is done with them."""

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime

from voiceplat.bus.bus import Bus
from voiceplat.bus.commands import Job
from voiceplat.calls.call import Call, EndFacts, Hook
from voiceplat.calls.hangup import HangupSource
from voiceplat.calls.status import Direction
from voiceplat.core.ids import AuthId, CallUuid, NodeId, WorkerAddress, new_call_uuid

MAIN = AuthId("MA" + "A" * 18)
OTHER = AuthId("MA" + "B" * 18)
SUB = AuthId("SA" + "A" * 18)
NODE = NodeId("host-1")
WORKER = WorkerAddress("127.0.0.1:7000")
WORKER_2 = WorkerAddress("127.0.0.1:7002")
FAST = 1_000_000.0
"""Calls per second that pace nothing."""

CANCELLED = EndFacts(
    cause_code=1000, source=HangupSource.API, at=datetime(2030, 1, 2, tzinfo=UTC)
)
NORMAL = EndFacts(
    cause_code=4000,
    source=HangupSource.CALLEE,
    at=datetime(2030, 1, 2, tzinfo=UTC),
    packets_received=7,
    jitter_ms=1.5,
)


def a_call(  # noqa: PLR0913 - what tests care about, each by name
    *,
    account: AuthId = MAIN,
    main: AuthId = MAIN,
    direction: Direction = Direction.OUTBOUND,
    from_: str = "14150000001",
    to: str = "14150000002",
    ring: Hook | None = None,
    hangup: Hook | None = None,
) -> Call:
    return Call(
        uuid=new_call_uuid(),
        account=account,
        main_account=main,
        direction=direction,
        from_=from_,
        to=to,
        initiated_at=datetime(2030, 1, 1, tzinfo=UTC),
        ring=ring,
        hangup=hangup,
    )


async def enqueued(bus: Bus, *calls: Call, rate: float = FAST) -> list[CallUuid]:
    for call in calls:
        await bus.queue.enqueue(call, rate)
    return [call.uuid for call in calls]


async def assigned(bus: Bus, call: Call, *, worker: WorkerAddress = WORKER) -> CallUuid:
    """A call that lies in the inbox of a worker."""
    held = len(await bus.live.held_by(worker))
    await bus.slots.announce(worker, free=held + 1, busy=0)
    await bus.queue.enqueue(call, FAST)
    await bus.queue.dispatch()
    assert call.uuid in await bus.live.held_by(worker)
    return call.uuid


async def dialled(bus: Bus, call: Call, *, worker: WorkerAddress = WORKER) -> CallUuid:
    uuid = await assigned(bus, call, worker=worker)
    assert await bus.queue.begin(uuid, worker=worker)
    return uuid


async def jobs(bus: Bus, worker: WorkerAddress, count: int) -> list[CallUuid]:
    """The next messages of a worker's inbox, which are jobs."""
    uuids: list[CallUuid] = []
    async with asyncio.timeout(20), aclosing(bus.commands.inbox(worker)) as messages:
        while len(uuids) < count:
            message = await anext(messages)
            assert isinstance(message, Job)
            uuids.append(message.call.uuid)
    return uuids


async def kinds(bus: Bus) -> list[tuple[str, int]]:
    """Kind and number of every event on the stream, oldest first."""
    return [(event.kind, event.seq) for event in await bus.events.read("test")]
