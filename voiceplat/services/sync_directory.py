"""Tells the bus's directory what the database says; the only writer of the directory.

What changed is read again under a lock that all writers of the directory share
(`Database.projecting`), so whoever writes last writes what was committed last.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog

from voiceplat.bus.bus import Bus
from voiceplat.bus.directory import (
    AccountEntry,
    AppEntry,
    Directory,
    Kind,
    NumberEntry,
    PriceEntry,
    TrunkEntry,
    UserEntry,
)
from voiceplat.calls.call import Hook
from voiceplat.core.errors import Unavailable
from voiceplat.db.engine import Database, Transaction
from voiceplat.db.models import Account, Application, Endpoint, Number, Price, Trunk
from voiceplat.db.repositories import (
    AccountRepository,
    PriceRepository,
    TrunkRepository,
)
from voiceplat.db.repositories.projection import ProjectionRepository

log = structlog.get_logger()

TRUNKS: Final = "trunks"
PRICES: Final = "prices"
_LOOK_EVERY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Change:
    """Something of that name was made, changed or removed.

    Trunks and prices are told as a whole.
    """

    kind: Kind | None
    name: str = TRUNKS


def changed(kind: Kind, *names: str) -> tuple[Change, ...]:
    return tuple(Change(kind, name) for name in names)


TRUNKS_CHANGED: Final = Change(None)
PRICES_CHANGED: Final = Change(None, PRICES)


async def tell_directory(db: Database, bus: Bus, *changes: Change) -> None:
    """Call it after the commit. Raises Unavailable; then `Reconciler` must be told."""
    async with db.projecting() as tx:
        for kind in _KINDS:
            names = {change.name for change in changes if change.kind == kind}
            await _tell(tx, bus, kind, names)
        if TRUNKS_CHANGED in changes:
            await _tell_trunks(tx, bus)
        if PRICES_CHANGED in changes:
            await _tell_prices(tx, bus)


async def rebuild(db: Database, bus: Bus) -> None:
    """Fill the directory from nothing, and remove what the database no longer has."""
    for kind, source in _KINDS.items():
        seen = await _tell_all(db, bus, kind, source)
        gone = await bus.directory.known(kind) - seen
        if gone:
            await tell_directory(db, bus, *changed(kind, *gone))
    await tell_directory(db, bus, TRUNKS_CHANGED, PRICES_CHANGED)
    await bus.directory.mark_ready()
    log.info("directory_rebuilt")


class Reconciler:
    """Keeps the directory true while Redis comes and goes."""

    def __init__(self, db: Database, bus: Bus) -> None:
        self._db = db
        self._bus = bus
        self._late: set[Change] = set()

    async def tell(self, *changes: Change) -> None:
        """Like `tell_directory`, but what cannot be told now is told later.

        The change is committed, so its caller must not hear of a failure.
        """
        try:
            await tell_directory(self._db, self._bus, *changes)
        except Unavailable as error:
            log.warning("directory_is_late", why=str(error), changes=len(changes))
            self._late.update(changes)

    async def run(self) -> None:
        """Rebuild at the start and whenever Redis or database were away.

        Others' changes may have been missed meanwhile. Runs until cancelled.
        """
        true = False
        while True:
            try:
                if not (true and await self._bus.directory.is_ready()):
                    await rebuild(self._db, self._bus)
                    true = True
                await self._tell_late()
            except Unavailable as error:
                true = False
                log.warning("directory_waits", why=str(error))
            except Exception:  # whatever it is, this task must not end in silence
                true = False
                log.exception("directory_fails")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _tell_late(self) -> None:
        if late := frozenset(self._late):
            await tell_directory(self._db, self._bus, *late)
            self._late -= late


@dataclass(frozen=True, slots=True)
class _Source:
    """Where entries of a kind come from, and how they are put and deleted."""

    model: type[Account | Application | Endpoint | Number]
    entries: Callable[[Transaction, Collection[str]], Awaitable[Mapping[str, Any]]]
    put: Callable[[Directory, Any], Awaitable[None]]
    delete: Callable[[Directory, Any], Awaitable[None]]


async def _tell_all(
    db: Database, bus: Bus, kind: Kind, source: _Source
) -> frozenset[str]:
    """In batches, so that nobody waits for the lock for long; all names told."""
    seen: list[str] = []
    while True:
        async with db.projecting() as tx:
            last = seen[-1] if seen else ""
            names = await ProjectionRepository(tx).names(source.model, after=last)
            await _tell(tx, bus, kind, names)
        if not names:
            return frozenset(seen)
        seen += names


async def _tell(tx: Transaction, bus: Bus, kind: Kind, names: Collection[str]) -> None:
    if not names:
        return
    source, directory = _KINDS[kind], bus.directory
    entries = await source.entries(tx, names)
    for name in names:
        entry = entries.get(name)
        if entry is None:
            await source.delete(directory, name)
        else:
            await source.put(directory, entry)


async def _tell_trunks(tx: Transaction, bus: Bus) -> None:
    trunks = await TrunkRepository(tx).all()
    await bus.directory.put_trunks([trunk_entry(trunk) for trunk in trunks])


async def _tell_prices(tx: Transaction, bus: Bus) -> None:
    prices = await PriceRepository(tx).all()
    await bus.directory.put_prices([price_entry(price) for price in prices])


async def _accounts(tx: Transaction, names: Collection[str]) -> dict[str, AccountEntry]:
    family = await AccountRepository(tx).family(*names)
    return {
        name: account_entry(family[name], family[family[name].main_id])
        for name in names
        if name in family
    }


async def _apps(tx: Transaction, names: Collection[str]) -> dict[str, AppEntry]:
    rows = await ProjectionRepository(tx).rows(Application, names)
    return {name: app_entry(row) for name, row in rows.items()}


async def _numbers(tx: Transaction, names: Collection[str]) -> dict[str, NumberEntry]:
    rows = await ProjectionRepository(tx).rows(Number, names)
    return {
        name: NumberEntry(number=name, account=row.account_id, app_id=row.app_id)
        for name, row in rows.items()
    }


async def _users(tx: Transaction, names: Collection[str]) -> dict[str, UserEntry]:
    rows = await ProjectionRepository(tx).rows(Endpoint, names)
    return {
        name: UserEntry(
            username=name, ha1=row.ha1, account=row.account_id, app_id=row.app_id
        )
        for name, row in rows.items()
    }


def account_entry(account: Account, main: Account) -> AccountEntry:
    return AccountEntry(
        auth_id=account.auth_id,
        main_auth_id=main.auth_id,
        sealed_token=account.sealed_token,
        sealed_main_token=main.sealed_token,
        enabled=account.enabled and main.enabled,
        timezone=account.timezone,
        can_pay=main.can_pay,
    )


def app_entry(app: Application) -> AppEntry:
    """The answer_url is told of hang-ups too when there is no hangup_url (7.1)."""
    return AppEntry(
        app_id=app.app_id,
        account=app.account_id,
        answer=_hook(app.answer_url, app.answer_method),
        fallback=_hook(app.fallback_url, app.fallback_method),
        hangup=_hook(app.hangup_url or app.answer_url, app.hangup_method),
    )


def trunk_entry(trunk: Trunk) -> TrunkEntry:
    return TrunkEntry(
        id=trunk.id,
        name=trunk.name,
        host=trunk.host,
        port=trunk.port,
        from_ips=tuple(trunk.from_ips),
        prefixes=tuple(trunk.prefixes),
        priority=trunk.priority,
        weight=trunk.weight,
        calls_per_second=trunk.calls_per_second,
        calls_max=trunk.calls_max,
        number_format=trunk.number_format,
        dial_prefix=trunk.dial_prefix,
        trusted=trunk.trusted,
        account=trunk.account_id,
    )


def price_entry(price: Price) -> PriceEntry:
    return PriceEntry(
        prefix=price.prefix, outbound=price.outbound, inbound=price.inbound
    )


def _hook(url: str, method: str) -> Hook | None:
    return Hook(url=url, method=method) if url else None


_KINDS: Final[dict[Kind, _Source]] = {
    "account": _Source(
        Account, _accounts, Directory.put_account, Directory.delete_account
    ),
    "app": _Source(Application, _apps, Directory.put_app, Directory.delete_app),
    "number": _Source(Number, _numbers, Directory.put_number, Directory.delete_number),
    "user": _Source(Endpoint, _users, Directory.put_user, Directory.delete_user),
}
