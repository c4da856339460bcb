"""Outbound calls wait here until pace and a free slot let them start.

First in, first out within a main account; accounts take turns. A call is queued,
then assigned to a worker, then begun: up to `begin` it can be cancelled or taken back,
after it never dialled again.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from voiceplat.bus import keys
from voiceplat.bus.connection import Asked, Wire, outliving
from voiceplat.bus.ending import End
from voiceplat.calls.call import Call, EndFacts
from voiceplat.core.clock import epoch_ms
from voiceplat.core.ids import AuthId, CallUuid

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Waiting:
    """The queue of a main account; its subaccounts' calls wait in it too."""

    uuids: list[CallUuid]
    """The first of them, in the order in which they start."""
    length: int
    """Of the whole queue."""
    due: datetime
    """When its pace allows the next start; in the past when it does already."""
    period: timedelta
    """Between one start and the next."""


class Queue:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._enqueue = wire.script("enqueue")
        self._dispatch = wire.script("dispatch")
        self._begin = wire.script("begin")
        self._requeue = wire.script("requeue")
        self._end = End(wire)

    async def enqueue(self, call: Call, calls_per_second: float) -> bool:
        """Accept a call; True when it may start at once. Accepting twice is once."""
        enqueue = self._enqueueing(call, calls_per_second, wake=keys.WAKE)
        return bool(await self._enqueue(enqueue.keys, enqueue.args))

    async def place(self, call: Call, calls_per_second: float) -> bool:
        """Accept a call and start what may start, asked in one message.

        What becomes of the start is not the caller's business: the call was accepted,
        and a supervisor's next look does the same. None is woken for a call that starts
        at once: its worker would wait for the core.
        """
        accepted, started = await self._wire.both(
            self._enqueueing(call, calls_per_second, wake=""),
            self._dispatching(wake=keys.WAKE),
        )
        if isinstance(started, Exception):
            log.error("dispatch_left_to_supervisors", why=str(started))
        return bool(accepted)

    async def dispatch(self) -> timedelta | None:
        """Start what may start; how long until the next start is due.

        None when time alone starts nothing: the queue is empty or no slot is free.
        """
        dispatch = self._dispatching(wake="")
        _, wait_ms = await self._dispatch(dispatch.keys, dispatch.args)
        return None if wait_ms < 0 else timedelta(milliseconds=wait_ms)

    def _enqueueing(self, call: Call, calls_per_second: float, wake: str) -> Asked:
        main = call.main_account
        return Asked(
            self._enqueue,
            [
                keys.call(call.uuid),
                keys.calls(call.account),
                keys.calls(main),
                keys.queue(main),
                keys.QUEUES,
                keys.RATES,
                keys.pace(main),
                keys.SLOTS,
                keys.EVENTS,
                keys.over(call.uuid),
            ],
            [
                call.uuid,
                call.model_dump_json(),
                main,
                calls_per_second,
                epoch_ms(call.initiated_at),
                wake,
                call.account,
                call.direction.value,
                call.from_,
                call.to,
            ],
        )

    def _dispatching(self, wake: str) -> Asked:
        return Asked(
            self._dispatch,
            [keys.QUEUES, keys.RATES, keys.SLOTS],
            [
                keys.queue(""),
                keys.pace(""),
                keys.call(""),
                keys.worker(""),
                keys.inbox(""),
                wake,
            ],
        )

    async def begin(
        self, uuid: CallUuid, *, worker: str = "", attempt: str = ""
    ) -> bool:
        """Whether the caller must dial now; from here on nobody else ever will.

        With `worker`, only if that worker still holds it. `attempt` is any text of the
        caller's own: after Unavailable the same attempt may ask again and hears what it
        would have heard.
        """
        return bool(await self._begin([keys.call(uuid)], [worker, attempt]))

    async def cancel(self, uuid: CallUuid, end: EndFacts) -> bool:
        """End a call that was not begun; False when it was, or is over."""
        return await self._end(uuid, end, only="unbegun")

    async def requeue(self, uuid: CallUuid, *, held_by: str = "") -> bool:
        """Put an assigned call that was not begun back where it stood in the queue."""
        reply = await self._requeue(
            [keys.call(uuid), keys.QUEUES],
            [
                uuid,
                held_by,
                keys.WAKE,
                keys.queue(""),
                keys.worker(""),
                keys.call(""),
            ],
        )
        return bool(reply)

    async def depth(self, main: AuthId) -> int:
        """How many calls of a main account wait."""
        return int(await self._wire.ask("LLEN", keys.queue(main)))

    async def waiting(self, main: AuthId, limit: int = 1000) -> Waiting:
        uuids, length, due_us, rate = await self._wire.all_of(
            ("LRANGE", keys.queue(main), 0, limit - 1),
            ("LLEN", keys.queue(main)),
            ("GET", keys.pace(main)),
            ("HGET", keys.RATES, main),
        )
        return Waiting(
            uuids=uuids,
            length=length,
            due=datetime.fromtimestamp(int(due_us or 0) / 1_000_000, UTC),
            period=timedelta(seconds=1 / float(rate or 1)),
        )

    async def wake(self) -> AsyncGenerator[None]:
        """One item whenever it may pay to dispatch; outlives restarts of Redis.

        The first comes at once, and one after each reconnect: nobody knows what
        was missed.
        """
        async with aclosing(outliving(self._wake_ups)) as wake_ups:
            async for _ in wake_ups:
                yield

    async def _wake_ups(self) -> AsyncGenerator[None]:
        async with self._wire.subscription(keys.WAKE) as wake_ups:
            yield
            while True:
                if await wake_ups.next():
                    yield
