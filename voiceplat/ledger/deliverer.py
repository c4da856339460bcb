"""Sends what lies in the outbox: in order per call, different calls side by side.

A row that is being sent is put off by a lease in the database, so any number of ledgers
may deliver, and what a killed one had in hand is sent again: a customer hears of an
event at least once, and twice only then.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from voiceplat.bus.connection import Patience
from voiceplat.calls.call import Hook
from voiceplat.calls.params import purpose
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import FetchError, NotFound, Unavailable, UnusableUrl
from voiceplat.core.ids import AuthId
from voiceplat.core.sealing import WrongSecretKey
from voiceplat.core.settings import WebhookSettings
from voiceplat.db.engine import Database, Transaction
from voiceplat.db.models import Callback
from voiceplat.db.repositories.callback import CallbackRepository
from voiceplat.ledger.noting import LedgerNotes
from voiceplat.webhooks.client import Response
from voiceplat.webhooks.exchange import Watcher, nobody
from voiceplat.webhooks.signature import SigningKeys

log = structlog.get_logger()

LEASE: Final = timedelta(seconds=90)
"""Longer than a request with all its own retries may take (55 s)."""
LOOK_AGAIN_S: Final = 1.0


class Sender(Protocol):
    """webhooks.client.WebhookClient, as far as deliveries need it."""

    async def send(  # noqa: PLR0913 - that of the client
        self,
        hook: Hook,
        params: Mapping[str, str],
        keys: SigningKeys,
        *,
        want_document: bool,
        purpose: str,
        watch: Watcher = nobody,
    ) -> Response: ...


class KeyRing(Protocol):
    """ledger.accounts.Accounts, as far as deliveries need it."""

    async def keys(self, account: AuthId) -> SigningKeys: ...

    async def main_of(self, account: AuthId) -> AuthId | None: ...


@dataclass(frozen=True, slots=True)
class Delivered:
    pass


@dataclass(frozen=True, slots=True)
class TryAgain:
    why: str


@dataclass(frozen=True, slots=True)
class Failed:
    why: str


Verdict = Delivered | TryAgain | Failed


class Deliverer:
    def __init__(  # noqa: PLR0913 - what it delivers with, and who hears of it
        self,
        db: Database,
        accounts: KeyRing,
        sender: Sender,
        settings: WebhookSettings,
        notes: LedgerNotes,
        *,
        now: Callable[[], datetime] = utc_now,
        settled: Callable[[Verdict], None] = lambda _: None,
    ) -> None:
        """`settled` is told what came of each attempt."""
        self._db = db
        self._accounts = accounts
        self._sender = sender
        self._settings = settings
        self._notes = notes
        self._now = now
        self._settled = settled
        self._look = asyncio.Event()
        self._is_fresh = False
        """Something new was told of: it need not be asked whether there is any."""
        self._is_full = False
        """What was taken last was all that there was room for."""
        self._running = 0

    def look(self) -> None:
        """There is something new in the outbox."""
        self._is_fresh = True
        self._look.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop`; returns when what was being sent is settled."""
        async with asyncio.TaskGroup() as deliveries:
            while not stop.is_set():
                self._look.clear()
                for row in await self._take():
                    self._running += 1
                    deliveries.create_task(self._deliver(row))
                await self._until_worth_a_look(stop)

    async def _take(self) -> list[Callback]:
        """Due rows, leased; none when the database is away."""
        room = self._settings.deliveries_at_once - self._running
        self._is_full = room <= 0
        if self._is_full:
            return []
        try:
            if not await self._is_any_due():
                return []
            async with self._db.transaction() as tx:
                rows = await CallbackRepository(tx).due(self._now(), room, lease=LEASE)
        except Unavailable as error:
            log.warning("outbox_not_read", why=str(error))
            return []
        self._is_full = len(rows) == room
        return rows

    async def _is_any_due(self) -> bool:
        """Asked before the outbox is locked, unless something new was told of."""
        fresh, self._is_fresh = self._is_fresh, False
        if fresh:
            return True
        async with self._db.reading() as tx:
            due = await CallbackRepository(tx).next_due()
        return due is not None and due <= self._now()

    async def _until_worth_a_look(self, stop: asyncio.Event) -> None:
        """Until told to look, at the latest after LOOK_AGAIN_S; a stop is a reason."""
        looking = asyncio.create_task(self._look.wait())
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait(
                {looking, stopping},
                timeout=LOOK_AGAIN_S,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            looking.cancel()
            stopping.cancel()

    async def _deliver(self, row: Callback) -> None:
        has_more = True
        with structlog.contextvars.bound_contextvars(call_uuid=row.call_uuid):
            try:
                has_more = await self._settle(row, await self._send(row))
            finally:
                self._running -= 1
                if has_more or self._is_full:
                    self.look()

    async def _send(self, row: Callback) -> Verdict:
        try:
            keys = await self._accounts.keys(row.account_id)
            hook = Hook(url=row.url, method=row.method)
            response = await self._sender.send(
                hook,
                row.params,
                keys,
                want_document=False,
                purpose=purpose(row.params),
                watch=self._notes.watcher(row),
            )
        except NotFound as error:
            return Failed(str(error))
        except FetchError as error:
            final = error.status is not None or isinstance(error, UnusableUrl)
            return self._unreached(error.why, row, final=final)
        except (Unavailable, WrongSecretKey) as error:
            return TryAgain(str(error))
        except Exception as error:
            log.exception("callback_broke")  # one callback must not stop the rest
            return self._unreached(f"{type(error).__name__}: {error}", row)
        if 200 <= response.status < 300:
            return Delivered()
        return Failed(f"answered {response.status}")

    def _unreached(self, why: str, row: Callback, *, final: bool = False) -> Verdict:
        if final or row.attempts >= self._settings.redeliveries:
            return Failed(why)
        return TryAgain(why)

    async def _settle(self, row: Callback, verdict: Verdict) -> bool:
        """Write down what became of it, as soon as the database is there.

        Whether the call's next callback may go now.
        """
        patience = Patience()
        while True:
            try:
                async with self._db.transaction() as tx:
                    await self._write(tx, row, verdict)
                    waits = isinstance(verdict, TryAgain)
                    goes_on = not waits and await CallbackRepository(tx).has_pending(
                        row.call_uuid
                    )
            except Unavailable as error:
                log.warning("callback_not_settled", why=str(error))
                await patience.wait()
            else:
                break
        self._settled(verdict)
        if isinstance(verdict, Failed):
            main = await self._accounts.main_of(row.account_id)
            self._notes.failed(row, verdict.why, main)
        return goes_on

    async def _write(self, tx: Transaction, row: Callback, verdict: Verdict) -> None:
        callbacks = CallbackRepository(tx)
        match verdict:
            case Delivered():
                await callbacks.delivered(row.id)
            case Failed(why):
                log.warning("callback_failed", callback=row.id, why=why)
                await callbacks.failed(row.id, why)
            case TryAgain(why):
                due_at = self._now() + self._wait_after(row.attempts)
                log.info("callback_waits", callback=row.id, why=why)
                await callbacks.retry(row.id, due_at, why)

    def _wait_after(self, attempts: int) -> timedelta:
        settings = self._settings
        rounds = min(attempts, settings.redeliveries)
        factor: int = settings.redelivery_wait_factor**rounds
        return timedelta(seconds=settings.redelivery_first_wait_s * factor)
