"""The connection to SQLite or PostgreSQL, and the only commit in the program.

SQLite: WAL, so that readers never wait for the writer; a writing transaction takes the
write lock when it begins (`BEGIN IMMEDIATE`), because one that reads first and locks
later is refused at once instead of waiting `busy_timeout`.
"""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Concatenate, Final, ParamSpec, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import (
    DBAPIError,
    IntegrityError,
    InterfaceError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from voiceplat.core.errors import Conflict, Unavailable
from voiceplat.core.settings import DatabaseSettings

Transaction = AsyncSession
"""What repositories take; only `Database` makes, commits and closes one."""

_DRIVERS: Final = {
    "sqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
}
_DIRECTORY_LOCK: Final = 0x76706469
_WAL_TRY_MS: Final = 20
_GLANCE_BUSY_MS: Final = 1

P = ParamSpec("P")
T = TypeVar("T")


class Database:
    """Opens transactions; `open` is the only way to get one."""

    def __init__(
        self, engine: AsyncEngine, readers: AsyncEngine, glances: sa.Engine | None
    ) -> None:
        self._engine = engine
        self._glance = sessionmaker(glances) if glances else None
        self._write = async_sessionmaker(engine, expire_on_commit=False)
        self._read = async_sessionmaker(readers, expire_on_commit=False)

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: DatabaseSettings) -> AsyncIterator[Self]:
        """Connects on first use: one that is away is Unavailable to whoever asks."""
        engine = make_engine(settings)
        readers, glances = engine, None
        if engine.dialect.name == "sqlite":
            readers = make_engine(settings, read_only=True)
            glances = _glancing_engine(settings)
        try:
            yield cls(engine, readers, glances)
        finally:
            await engine.dispose()
            await readers.dispose()
            if glances:
                glances.dispose()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Everything inside is written when the block ends, nothing when it raises.

        Raises Conflict when a row is there already or still referred to.
        """
        async with translate_errors(), self._write() as session:
            yield session
            await session.commit()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """For queries only: takes no write lock, and nothing in it is written.

        Each query sees what was committed when it began.
        """
        async with translate_errors(), self._read() as session:
            yield session

    async def glance(
        self,
        look: Callable[Concatenate[Session, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """What `look` finds: a few rows by their keys, which each request needs.

        With SQLite on the loop's own thread: that takes less than to wake another one.
        """
        if self._glance:
            with suppress(DBAPIError), self._glance() as session:
                return look(session, *args, **kwargs)
        async with self.reading() as tx:
            return await tx.run_sync(look, *args, **kwargs)

    async def ping(self) -> None:
        """Raises Unavailable."""
        async with self.reading() as tx:
            await tx.execute(sa.text("SELECT 1"))

    @asynccontextmanager
    async def projecting(self) -> AsyncIterator[Transaction]:
        """Read what the directory is to be told, while nobody else tells it.

        Whoever comes last has read what was committed last, so the directory can never
        be left with an older state than the record. SQLite's write lock does the same.
        """
        async with translate_errors(), self._write() as session:
            if self._engine.dialect.name == "postgresql":
                await session.execute(
                    sa.text("SELECT pg_advisory_xact_lock(:key)"),
                    {"key": _DIRECTORY_LOCK},
                )
            else:
                await session.connection()
            yield session
            await session.rollback()


def make_engine(settings: DatabaseSettings, *, read_only: bool = False) -> AsyncEngine:
    """`read_only`, with SQLite: no statement can write, so none needs a transaction."""
    url = sa.make_url(settings.url)
    url = url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))
    timeout_s = settings.busy_timeout_ms / 1000
    if url.get_backend_name() != "sqlite":
        return create_async_engine(
            url,
            pool_size=settings.pool_size,
            pool_pre_ping=True,
            pool_timeout=timeout_s,
            connect_args={"timeout": timeout_s, "command_timeout": timeout_s},
        )
    engine = create_async_engine(url, connect_args={"timeout": timeout_s})
    prepare = partial(_prepare_sqlite, settings.busy_timeout_ms, read_only)
    event.listen(engine.sync_engine, "connect", prepare)
    if not read_only:
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _glancing_engine(settings: DatabaseSettings) -> sa.Engine:
    """One connection, which never waits: who glances looks again in the usual way."""
    url = sa.make_url(settings.url).set(drivername="sqlite")
    engine = sa.create_engine(url, poolclass=StaticPool)
    event.listen(engine, "connect", partial(_prepare_sqlite, _GLANCE_BUSY_MS, True))
    return engine


@asynccontextmanager
async def translate_errors() -> AsyncIterator[None]:
    """Tell the two failures apart that callers can do something about."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict("it exists already, or is still in use") from error
    except (OperationalError, InterfaceError, PoolTimeout, OSError) as error:
        raise Unavailable("the database", _first_line(error)) from error
    except DBAPIError as error:
        # without a statement no connection was made: the server is starting or ending
        if error.statement is not None and not error.connection_invalidated:
            raise
        raise Unavailable("the database", _first_line(error)) from error


def _first_line(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return str(cause).split("\n", 1)[0]


def _prepare_sqlite(
    busy_timeout_ms: int,
    read_only: bool,  # noqa: FBT001 - of an event's listener
    connection: DBAPIConnection,
    _: ConnectionPoolEntry,
) -> None:
    untyped: Any = connection
    untyped.isolation_level = None  # the driver must not begin transactions itself
    cursor = connection.cursor()
    _use_wal(cursor, busy_timeout_ms)
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA query_only={int(read_only)}")
    cursor.close()


def _use_wal(cursor: DBAPICursor, busy_timeout_ms: int) -> None:
    """Once per file, ever; two that switch at once would wait for each other.

    So each try is short, and lets go of its lock before the next.
    """
    cursor.execute(f"PRAGMA busy_timeout={_WAL_TRY_MS}")
    for tries_left in reversed(range(busy_timeout_ms // _WAL_TRY_MS + 1)):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError:
            if not tries_left:
                raise
    cursor.execute(f"PRAGMA busy_timeout={busy_timeout_ms}")


def _begin_sqlite(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
