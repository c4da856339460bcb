"""The stream of what happened to calls, from workers to the ledger.

An event stays until the ledger has applied and acknowledged it; nothing else shortens
the stream. One that a dead reader took and did not acknowledge is read again.
"""

import asyncio
import math
from datetime import datetime
from enum import StrEnum
from typing import Final

import structlog
from pydantic import BaseModel, ConfigDict
from redis.exceptions import ResponseError

from voiceplat.bus import keys
from voiceplat.bus.connection import BLOCK_MS, Patience, Wire
from voiceplat.calls.call import EndedCall, Hook, LiveCall
from voiceplat.calls.recording import Recording
from voiceplat.core.clock import from_epoch_ms
from voiceplat.core.errors import Unavailable
from voiceplat.core.ids import AuthId, CallUuid

log = structlog.get_logger()

GROUP: Final = "ledger"
CLAIM_EVERY_S: Final = 1.0
BATCH: Final = 100
TOLD_KEPT_S: Final = 86400


class EventKind(StrEnum):
    INITIATED = "initiated"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"
    CALLBACK = "callback"
    RECORDED = "recorded"


class Callback(BaseModel):
    """A request to the customer whose reply nobody waits for."""

    model_config = ConfigDict(frozen=True)

    account: AuthId
    hook: Hook
    params: dict[str, str]


class Event(BaseModel):
    """`data` is read by the method that fits `kind`; each raises ValidationError."""

    model_config = ConfigDict(frozen=True)

    id: str
    """Unique among all events; the same however often the event is read."""
    kind: str
    call_uuid: CallUuid
    seq: int
    """Counts a call's events from 1; 0 for what is told after its end."""
    at: datetime
    data: str

    def live(self) -> LiveCall:
        """For initiated, ringing and answered."""
        return LiveCall.model_validate_json(self.data)

    def ended(self) -> EndedCall:
        return EndedCall.model_validate_json(self.data)

    def callback(self) -> Callback:
        return Callback.model_validate_json(self.data)

    def recorded(self) -> Recording:
        return Recording.model_validate_json(self.data)


class Events:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._notify = wire.script("notify")
        self._recorded = wire.script("recorded")
        self._acknowledge = wire.script("acknowledge")

    async def notify(self, uuid: CallUuid, callback: Callback, once: str = "") -> bool:
        """Have the ledger deliver a callback of this call, after those before it.

        Of those with the same mark `once` the first counts: False for the others.
        """
        reply = await self._notify(
            [keys.call(uuid), keys.EVENTS, keys.told(once)],
            [uuid, callback.model_dump_json(), TOLD_KEPT_S],
        )
        return bool(reply)

    async def recorded(self, recording: Recording) -> None:
        """A recording is over: stored, or failed for good. May be repeated."""
        uuid = recording.order.call_uuid
        await self._recorded(
            [keys.call(uuid), keys.EVENTS], [uuid, recording.model_dump_json()]
        )

    def reader(self, consumer: str) -> "EventReader":
        """For whom has the lease: it reads from now on, and nobody else."""
        return EventReader(self._wire, consumer)

    async def read(self, consumer: str) -> list[Event]:
        """The first that a new reader reads."""
        return await self.reader(consumer).read()

    async def ack(self, ids: list[str]) -> None:
        """These were applied: they leave the stream."""
        if ids:
            await self._finish(ids, "")

    async def park(self, event: Event, why: str) -> None:
        """This one cannot be applied: it leaves the stream and is kept for a human."""
        await self._finish([event.id], why or "unknown")

    async def _finish(self, ids: list[str], why: str) -> None:
        await self._acknowledge([keys.EVENTS, keys.PARKED_EVENTS], [GROUP, why, *ids])

    async def waiting(self) -> int:
        """How many events are not applied yet."""
        return int(await self._wire.ask("XLEN", keys.EVENTS))

    async def parked(self) -> int:
        return int(await self._wire.ask("XLEN", keys.PARKED_EVENTS))


class EventReader:
    def __init__(self, wire: Wire, consumer: str) -> None:
        self._wire = wire
        self._consumer = consumer
        self._claims_at = -math.inf
        """When to look for events that were taken and never applied."""

    async def read(self) -> list[Event]:
        """The oldest events that are not acknowledged, at least one, oldest first.

        Those that an earlier reader took and left behind come first, and those of an
        answer that was lost: there is one reader at a time (`bus.leases`), so nobody
        is at work on them. Waits for as long as there are none; outlives restarts of
        Redis.
        """
        patience = Patience()
        while True:
            try:
                if events := await self._claim() or await self._read_new():
                    return events
            except Unavailable:
                self._claims_at = -math.inf
                await patience.wait()
            except ResponseError as error:
                # No group: the first read ever, or Redis came back empty.
                log.info("events_group_made", why=str(error))
                await self._make_group()
                await patience.wait()

    async def _claim(self) -> list[Event]:
        """All at first, then now and then: one that hung may have taken more."""
        now = asyncio.get_running_loop().time()
        if now < self._claims_at:
            return []
        reply = await self._wire.ask(
            "XAUTOCLAIM", keys.EVENTS, GROUP, self._consumer, 0, "0-0", "COUNT", BATCH
        )
        events = [_event(*entry) for entry in reply[1]]
        if not events:
            self._claims_at = now + CLAIM_EVERY_S
        return events

    async def _read_new(self) -> list[Event]:
        reply: list[tuple[str, list[tuple[str, dict[str, str]]]]]
        reply = await self._wire.wait(
            *("XREADGROUP", "GROUP", GROUP, self._consumer, "COUNT", BATCH),
            *("BLOCK", BLOCK_MS, "STREAMS", keys.EVENTS, ">"),
        )
        return [_event(*entry) for _, entries in reply for entry in entries]

    async def _make_group(self) -> None:
        try:
            await self._wire.ask(
                "XGROUP", "CREATE", keys.EVENTS, GROUP, "0", "MKSTREAM"
            )
        except ResponseError:
            return  # another reader was faster


def _event(id_: str, fields: dict[str, str]) -> Event:
    return Event(
        id=id_,
        kind=fields["kind"],
        call_uuid=CallUuid(fields["call_uuid"]),
        seq=int(fields["seq"]),
        at=from_epoch_ms(int(fields["at"])),
        data=fields["data"],
    )
