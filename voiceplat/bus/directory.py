"""What the edge and the workers must know of accounts, numbers, endpoints and trunks.

A projection of the database: the API writes it after each commit, `rebuild` fills it
from nothing. Workers and Kamailio read it and never the database.
"""

import math
import random
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime, timedelta
from itertools import chain
from typing import Final, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter

from voiceplat.bus import keys
from voiceplat.bus.connection import Wire, outliving
from voiceplat.calls.call import Hook
from voiceplat.calls.rate import FREE, Rate
from voiceplat.calls.status import Direction
from voiceplat.core.ids import AppId, AuthId


class Entry(BaseModel):
    model_config = ConfigDict(frozen=True)


class AccountEntry(Entry):
    auth_id: AuthId
    main_auth_id: AuthId
    sealed_token: str
    """core.sealing; equal to the main one's for a main account."""
    sealed_main_token: str
    enabled: bool = True
    timezone: str = "UTC"
    can_pay: bool = True
    """Whether calls that cost something may begin."""


class AppEntry(Entry):
    app_id: AppId
    account: AuthId
    answer: Hook | None = None
    fallback: Hook | None = None
    hangup: Hook | None = None


class NumberEntry(Entry):
    number: str
    account: AuthId
    app_id: AppId | None = None


class TrunkEntry(Entry):
    id: int
    """Kamailio's dispatcher set; small and positive, never reused."""
    name: str
    host: str
    port: int
    from_ips: tuple[str, ...] = ()
    """CIDR ranges from which its calls come; `host`/32 when none is given."""
    prefixes: tuple[str, ...] = ("",)
    """Digits that the numbers it carries begin with; `""` carries all."""
    priority: int = 10
    """Lower is tried first among trunks of an equally long prefix."""
    weight: int = 1
    """Share of the calls among trunks of one prefix length and priority."""
    calls_per_second: int | None = None
    calls_max: int | None = None
    """Limits of calls out over it; kept by the edge."""
    number_format: str = "e164"
    """core.number_format."""
    dial_prefix: str = ""
    trusted: bool = False
    """P-Asserted-Identity is believed from it and told to it."""
    account: AuthId | None = None
    """None: any account may call out over it."""


class PriceEntry(Entry):
    """What calls to and from numbers of a prefix cost; SIP stands for endpoints."""

    prefix: str
    outbound: Rate
    inbound: Rate


class UserEntry(Entry):
    """An endpoint; `ha1` is the MD5 of `username:realm:password`."""

    username: str
    ha1: str
    account: AuthId
    app_id: AppId | None = None


class Registration(Entry):
    """What the edge last saw of an endpoint's phone."""

    contact: str
    user_agent: str = ""
    expires_at: datetime | None = None


class Answering(NamedTuple):
    """Who answers a call that came in."""

    app: AppEntry
    account: AccountEntry | None
    rate: Rate


E = TypeVar("E", bound=Entry)
SIP: Final = "sip"
Kind = Literal["account", "app", "number", "user"]
_PREFIX: Final = {
    "account": keys.account(""),
    "app": keys.app(""),
    "number": keys.number(""),
    "user": keys.user(""),
}
_TRUNKS: Final = TypeAdapter(list[TrunkEntry])


class Directory:
    def __init__(self, wire: Wire, dice: Callable[[], float] = random.random) -> None:
        self._wire = wire
        self._dice = dice
        self._find_application = wire.script("find_application")

    async def put_account(self, entry: AccountEntry) -> None:
        await self._put(keys.account(entry.auth_id), entry)

    async def delete_account(self, auth_id: AuthId) -> None:
        await self._wire.ask("DEL", keys.account(auth_id))

    async def account(self, auth_id: AuthId) -> AccountEntry | None:
        return await self._get(keys.account(auth_id), AccountEntry)

    async def put_app(self, entry: AppEntry) -> None:
        await self._put(keys.app(entry.app_id), entry)

    async def delete_app(self, app_id: AppId) -> None:
        await self._wire.ask("DEL", keys.app(app_id))

    async def app(self, app_id: AppId) -> AppEntry | None:
        return await self._get(keys.app(app_id), AppEntry)

    async def put_number(self, entry: NumberEntry) -> None:
        await self._put(keys.number(entry.number), entry)

    async def delete_number(self, digits: str) -> None:
        await self._wire.ask("DEL", keys.number(digits))

    async def number(self, digits: str) -> NumberEntry | None:
        return await self._get(keys.number(digits), NumberEntry)

    async def answering(
        self, kind: Literal["number", "app", "user"], name: str, priced: str
    ) -> Answering | None:
        """The application of a called number or application, or a calling endpoint.

        With its account, and with what a call to or from `priced` costs it; None when
        there is no application.
        """
        prefixes = prefixes_of(priced)
        found = await self._find_application(
            [_PREFIX[kind] + name, keys.PRICES],
            [kind, keys.app(""), keys.account(""), *prefixes],
        )
        if not found:
            return None
        app, account, price = [*found, None, None][:3]
        return Answering(
            AppEntry.model_validate_json(app),
            AccountEntry.model_validate_json(account) if account else None,
            _first_rate([price], Direction.INBOUND),
        )

    async def put_user(self, entry: UserEntry) -> None:
        """A hash, because Kamailio reads its fields; no field without a value."""
        key = keys.user(entry.username)
        await self._wire.all_of(("DEL", key), ("HSET", key, *_fields(entry)))

    async def put_guest(self, entry: UserEntry, good_for: timedelta) -> None:
        """A user that the database does not know, and nobody for long."""
        key, seconds = keys.user(entry.username), int(good_for.total_seconds())
        await self._wire.all_of(
            ("DEL", key), ("HSET", key, *_fields(entry)), ("EXPIRE", key, seconds)
        )

    async def delete_user(self, username: str) -> None:
        await self._wire.ask("DEL", keys.user(username))

    async def user(self, username: str) -> UserEntry | None:
        fields = await self._wire.ask("HGETALL", keys.user(username))
        if not fields:
            return None
        return UserEntry.model_validate({**fields, "username": username})

    async def put_trunks(self, trunks: Iterable[TrunkEntry]) -> None:
        """Replace all trunks, and tell the edge."""
        text = _TRUNKS.dump_json(list(trunks)).decode()
        await self._wire.all_of(
            ("SET", keys.TRUNKS, text), ("PUBLISH", keys.DIRECTORY_CHANGED, "trunks")
        )

    async def trunks(self) -> list[TrunkEntry]:
        text = await self._wire.ask("GET", keys.TRUNKS)
        return _TRUNKS.validate_json(text) if text else []

    async def put_prices(self, entries: Iterable[PriceEntry]) -> None:
        """Replace all prices."""
        rows = {entry.prefix: entry.model_dump_json() for entry in entries}
        fill = ("HSET", keys.PRICES, *chain.from_iterable(rows.items()))
        await self._wire.all_of(("DEL", keys.PRICES), *([fill] if rows else []))

    async def rates(self, addresses: Sequence[str], direction: Direction) -> list[Rate]:
        """Of calls to these numbers or SIP URIs, by longest prefix; free without one.

        What comes in costs by the number that is called.
        """
        if not addresses:
            return []
        asked = [("HMGET", keys.PRICES, *prefixes_of(one)) for one in addresses]
        return [
            _first_rate(texts, direction) for texts in await self._wire.all_of(*asked)
        ]

    async def rate(self, address: str, direction: Direction) -> Rate:
        """See `rates`."""
        [found] = await self.rates([address], direction)
        return found

    async def route(self, number: str, *accounts: AuthId) -> tuple[int, ...]:
        """Ids of the trunks that carry a number, in the order to try them.

        Longest prefix first, then priority, then by lot: among equals a trunk is first
        as often as its weight says. Trunks of one account are taken for calls of
        `accounts` alone: the call's account and its main account.
        """
        digits = number.removeprefix("+")
        found = [
            (-length, trunk.priority, self._lot(trunk.weight), trunk.id)
            for trunk in await self.trunks()
            if trunk.account is None or trunk.account in accounts
            if (length := _longest_prefix(trunk, digits)) is not None
        ]
        return tuple(id_ for *_, id_ in sorted(found))

    def _lot(self, weight: int) -> float:
        """The smallest goes first: exponential waiting times of rate `weight`."""
        return -math.log(1.0 - self._dice()) / weight

    async def changes(self) -> AsyncGenerator[None]:
        """One item at once, and one whenever trunks may have changed."""
        async with aclosing(outliving(self._changes)) as changes:
            async for _ in changes:
                yield

    async def _changes(self) -> AsyncGenerator[None]:
        async with self._wire.subscription(keys.DIRECTORY_CHANGED) as changes:
            yield
            while True:
                if await changes.next():
                    yield

    async def registration(self, username: str) -> Registration | None:
        """None when no phone is registered."""
        fields = await self._wire.ask("HGETALL", keys.registration(username))
        return Registration.model_validate(fields) if fields else None

    async def registrations(self, usernames: Sequence[str]) -> dict[str, Registration]:
        """Of those among them that have a phone registered."""
        if not usernames:
            return {}
        told = await self._wire.all_of(
            *(("HGETALL", keys.registration(name)) for name in usernames)
        )
        return {
            name: Registration.model_validate(fields)
            for name, fields in zip(usernames, told, strict=True)
            if fields
        }

    async def known(self, kind: Kind) -> set[str]:
        """Names of all entries of a kind, gone from the database or not."""
        prefix, cursor, names = _PREFIX[kind], "0", set[str]()
        while True:
            cursor, found = await self._wire.ask(
                "SCAN", cursor, "MATCH", prefix + "*", "COUNT", 1000
            )
            names.update(key.removeprefix(prefix) for key in found)
            if int(cursor) == 0:
                return names

    async def is_ready(self) -> bool:
        """Whether it was filled since Redis was empty."""
        return bool(await self._wire.ask("EXISTS", keys.DIRECTORY_READY))

    async def mark_ready(self) -> None:
        await self._wire.ask("SET", keys.DIRECTORY_READY, 1)

    async def _put(self, key: str, entry: Entry) -> None:
        await self._wire.ask("SET", key, entry.model_dump_json())

    async def _get(self, key: str, kind: type[E]) -> E | None:
        text = await self._wire.ask("GET", key)
        return None if text is None else kind.model_validate_json(text)


def _fields(entry: UserEntry) -> list[str]:
    fields = {"ha1": entry.ha1, "account": entry.account, "app_id": entry.app_id}
    return [part for name, value in fields.items() if value for part in (name, value)]


def _first_rate(texts: Iterable[str | None], direction: Direction) -> Rate:
    text = next(filter(None, texts), None)
    if text is None:
        return FREE
    entry = PriceEntry.model_validate_json(text)
    return entry.outbound if direction is Direction.OUTBOUND else entry.inbound


def prefixes_of(address: str) -> list[str]:
    """Under which an address may have a price, the longest first."""
    digits = address.removeprefix("+")
    if not digits.isdecimal():
        return [SIP]
    return [digits[:length] for length in range(len(digits), -1, -1)]


def _longest_prefix(trunk: TrunkEntry, digits: str) -> int | None:
    lengths = [len(p) for p in trunk.prefixes if digits.startswith(p)]
    return max(lengths, default=None)
