"""Brings events into the database: call records and the outbox, each exactly once.

One ledger at a time applies, by a lease, so that a call's callbacks enter the outbox in
the order of its events. An event leaves the stream after its transaction is committed;
one that comes again changes nothing.
"""

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog

from voiceplat.bus.bus import Bus
from voiceplat.bus.connection import Patience
from voiceplat.bus.events import Event, EventKind
from voiceplat.calls.recording import RecordingOrder
from voiceplat.core.errors import Conflict, Unavailable
from voiceplat.core.ids import AuthId
from voiceplat.db.engine import Database, Transaction
from voiceplat.db.repositories.call import CallRepository
from voiceplat.db.repositories.callback import CallbackRepository
from voiceplat.ledger.accounts import Accounts
from voiceplat.ledger.keeping import keep
from voiceplat.ledger.noting import LedgerNotes
from voiceplat.ledger.outbox import Notice, hangup_notice, ring_notice
from voiceplat.services.bill_account import debit
from voiceplat.services.sync_directory import tell_directory

log = structlog.get_logger()

LEASE: Final = "apply-events"
LEASE_SPAN: Final = timedelta(seconds=6)
"""A ledger that died is followed by another after this long."""
LEASE_RENEW_S: Final = 2.0
CONSUMER: Final = "applier"
CONFLICTS_MAX: Final = 3
TOGETHER_S: Final = 0.02
"""Events wait so long: whoever makes them has a call that goes first."""


class Applier:
    def __init__(  # noqa: PLR0913 - what it applies to, and who hears of it
        self,
        bus: Bus,
        db: Database,
        accounts: Accounts,
        notes: LedgerNotes,
        *,
        url_of: Callable[[RecordingOrder], str],
        told: Callable[[], None],
        settled: Callable[[Event], None] = lambda _: None,
    ) -> None:
        """`url_of` says where customers fetch a recording.

        `told` is called whenever something new is in the outbox, `settled` once for
        each event that was applied.
        """
        self._bus = bus
        self._db = db
        self._accounts = accounts
        self._notes = notes
        self._url_of = url_of
        self._told = told
        self._settled = settled
        self._holder = secrets.token_hex(8)

    async def run(self) -> None:
        """Apply events whenever it is this ledger's turn, until cancelled."""
        try:
            while True:
                if await self._hold():
                    await self._apply_while_ours()
                else:
                    await asyncio.sleep(LEASE_RENEW_S / 2)
        finally:
            with suppress(Unavailable):
                await self._bus.leases.release(LEASE, self._holder)

    async def _hold(self) -> bool:
        try:
            return await self._bus.leases.hold(LEASE, self._holder, LEASE_SPAN)
        except Unavailable:
            return False

    async def _apply_while_ours(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            applying = tasks.create_task(self._apply_all())
            while await self._hold():  # noqa: ASYNC110 - a lease lives by time
                await asyncio.sleep(LEASE_RENEW_S)
            applying.cancel()

    async def _apply_all(self) -> None:
        reader = self._bus.events.reader(CONSUMER)
        while True:
            events = await reader.read()
            await asyncio.sleep(TOGETHER_S)
            for event in events:
                with structlog.contextvars.bound_contextvars(call_uuid=event.call_uuid):
                    await self.settle(event)

    async def settle(self, event: Event) -> None:
        """Apply an event and take it off the stream; park one that cannot be applied.

        Returns when that is done, however long the database or Redis is away.
        """
        patience, conflicts = Patience(), 0
        while True:
            try:
                await self._apply(event)
                await self._bus.events.ack([event.id])
            except Unavailable as error:
                log.warning("event_waits", kind=event.kind, why=str(error))
            except Conflict as error:
                conflicts += 1  # somebody applied it meanwhile: look again
                if conflicts == CONFLICTS_MAX:
                    await self._park(event, error)
                    return
            except Exception as error:  # noqa: BLE001 - one event must not stop the rest
                if await self._park(event, error):
                    return
            else:
                self._settled(event)
                self._notes.applied(event)
                return
            await patience.wait()

    async def _park(self, event: Event, error: Exception) -> bool:
        """False when Redis is away."""
        try:
            await self._bus.events.park(event, f"{type(error).__name__}: {error}")
        except Unavailable:
            return False
        log.error(
            "event_parked",
            event_id=event.id,
            kind=event.kind,
            why=type(error).__name__,  # its text may quote numbers; it is parked too
        )
        return True

    async def _apply(self, event: Event) -> None:
        match EventKind(event.kind):
            case EventKind.ENDED:
                await self._apply_ended(event)
            case EventKind.RINGING:
                if notice := ring_notice(event.live()):
                    await self._add_alone(event, event.live().call.account, notice)
            case EventKind.CALLBACK:
                callback = event.callback()
                notice = Notice(callback.hook, callback.params)
                await self._add_alone(event, callback.account, notice)
            case EventKind.RECORDED:
                recording = event.recorded()
                async with self._db.transaction() as tx:
                    await keep(tx, event, recording, self._url_of(recording.order))
                self._told()
            case EventKind.INITIATED | EventKind.ANSWERED:
                pass

    async def _add_alone(self, event: Event, account: AuthId, notice: Notice) -> None:
        async with self._db.transaction() as tx:
            await _add(tx, event, account, notice)
        self._told()

    async def _apply_ended(self, event: Event) -> None:
        ended = event.ended()
        account = ended.call.account
        notice = hangup_notice(ended, await self._accounts.zone(account))
        async with self._db.transaction() as tx:
            first = await CallRepository(tx).add_once(ended)
            main = ended.call.main_account
            told = await debit(tx, main, ended.cost, first=first)
            if first and notice:
                await _add(tx, event, account, notice)
        if notice:
            self._told()
        if told:
            await tell_directory(self._db, self._bus, *told)


async def _add(tx: Transaction, event: Event, account: AuthId, notice: Notice) -> None:
    await CallbackRepository(tx).add(
        call_uuid=event.call_uuid,
        account=account,
        url=notice.hook.url,
        method=notice.hook.method,
        params=notice.params,
        event_id=event.id,
    )
