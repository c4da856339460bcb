"""What a ledger works with in tests, and how tests look at what it did."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from tests.bus.calls import MAIN, NORMAL, a_call, dialled
from tests.ledger.customer import Customer
from voiceplat.bus.bus import Bus
from voiceplat.calls.call import Hook
from voiceplat.core.ids import CallUuid
from voiceplat.core.settings import SecuritySettings, WebhookSettings
from voiceplat.db.engine import Database
from voiceplat.db.models import Callback, CallRecord
from voiceplat.db.repositories.callback import CallbackRepository
from voiceplat.ledger.accounts import Accounts
from voiceplat.ledger.applier import Applier
from voiceplat.ledger.deliverer import Deliverer
from voiceplat.ledger.noting import LedgerNotes
from voiceplat.webhooks.client import WebhookClient

RING = Hook(url="http://customer.example/ring")
HANGUP = Hook(url="http://customer.example/hangup")


@dataclass
class Clock:
    """Wall-clock time that tests move."""

    now: datetime = field(default_factory=lambda: datetime(2030, 1, 1, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass(frozen=True)
class Parts:
    bus: Bus
    db: Database
    security: SecuritySettings
    customer: Customer
    client: WebhookClient
    clock: Clock

    @property
    def accounts(self) -> Accounts:
        return Accounts(self.bus.directory, self.security)

    def applier(
        self, db: Database | None = None, *, told: Callable[[], None] = lambda: None
    ) -> Applier:
        return Applier(
            self.bus,
            db or self.db,
            self.accounts,
            LedgerNotes(),
            url_of=lambda order: f"http://media.example/{order.id}.{order.format}",
            told=told,
        )

    def deliverer(self, **settings: int) -> Deliverer:
        return Deliverer(
            self.db,
            self.accounts,
            self.client,
            WebhookSettings.model_validate(settings),
            LedgerNotes(),
            now=self.clock,
        )

    async def call_story(self) -> CallUuid:
        """A call that rang, was answered and ended; both are to be told."""
        uuid = await dialled(self.bus, a_call(ring=RING, hangup=HANGUP))
        await self.bus.live.ringing(uuid)
        await self.bus.live.answered(uuid)
        await self.bus.live.end(uuid, NORMAL)
        return uuid

    async def add(
        self, call: str, path: str, *, server: str = "http://customer.example"
    ) -> int:
        """Something for the outbox."""
        async with self.db.transaction() as tx:
            return await CallbackRepository(tx).add(
                call_uuid=CallUuid(call),
                account=MAIN,
                url=server + path,
                method="POST",
                params={"CallUUID": call},
                due_at=self.clock(),
            )

    async def outbox(self) -> list[Callback]:
        async with self.db.reading() as tx:
            return list(await tx.scalars(select(Callback).order_by(Callback.id)))

    async def states(self) -> list[str]:
        return [row.state for row in await self.outbox()]

    async def records(self) -> list[CallRecord]:
        async with self.db.reading() as tx:
            return list(await tx.scalars(select(CallRecord)))

    async def all_applied(self) -> bool:
        return await self.bus.events.waiting() == 0


@asynccontextmanager
async def running(work: Awaitable[None]) -> AsyncIterator[None]:
    """`work` runs beside the block and is cancelled after it."""

    async def body() -> None:
        await work

    task = asyncio.create_task(body())
    try:
        yield
        assert not task.done() or task.exception() is None
    finally:
        task.cancel()
        await asyncio.wait({task})


@asynccontextmanager
async def delivering(deliverer: Deliverer) -> AsyncIterator[asyncio.Event]:
    """The deliverer runs beside the block and is stopped properly after it."""
    stop = asyncio.Event()
    task = asyncio.create_task(deliverer.run(stop))
    try:
        yield stop
        stop.set()
        async with asyncio.timeout(10):
            await task
    finally:
        task.cancel()
        await asyncio.wait({task})


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Returns once it holds; fails after 10 s."""
    async with asyncio.timeout(10):
        while not await holds():  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)
