"""Redis as this package uses it: text in and out, Unavailable whenever it is away.

Nothing is repeated behind the caller's back: a command whose answer was lost may have
been done, and only its caller knows whether doing it twice is the same as once. A
connection that broke while it lay idle is replaced unnoticed.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple, TypeVar

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    ConnectionError as RedisConnectionError,
)
from redis.exceptions import (
    MasterDownError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
)
from redis.exceptions import (
    TimeoutError as RedisTimeoutError,
)

from voiceplat.core.errors import Unavailable
from voiceplat.core.settings import RedisSettings

T = TypeVar("T")
Part = str | int | float

CONNECTIONS_MAX: Final = 1000
BLOCK_MS: Final = 5000
"""How long a blocking read waits before it looks whether Redis is still there."""

_AWAY: Final = (
    RedisConnectionError,  # refused, reset, loading its file, asking for a password
    RedisTimeoutError,
    ReadOnlyError,  # a replica after a failover
    MasterDownError,
    OutOfMemoryError,  # it takes nothing more until there is room
    OSError,
)


@asynccontextmanager
async def reaching_redis(within_s: float) -> AsyncIterator[None]:
    """Turn "Redis is away" into Unavailable; its other errors are bugs and pass."""
    try:
        async with asyncio.timeout(within_s):
            yield
    except _AWAY as error:
        raise Unavailable("Redis", str(error)) from error


class Wire:
    """The way to Redis, shared by all parts of the bus."""

    def __init__(self, redis: Redis, answers_within: timedelta) -> None:
        self._redis = redis
        self._within_s = answers_within.total_seconds()

    async def ask(self, *parts: Part) -> Any:  # noqa: ANN401 - a reply of any shape
        async with reaching_redis(self._within_s):
            return await self._redis.execute_command(*parts)  # type: ignore[no-untyped-call]

    async def wait(self, *parts: Part) -> Any:  # noqa: ANN401 - a reply of any shape
        """Ask a command that blocks for BLOCK_MS at most."""
        async with reaching_redis(self._within_s + BLOCK_MS / 1000):
            return await self._redis.execute_command(*parts)  # type: ignore[no-untyped-call]

    async def all_of(self, *commands: Sequence[Part]) -> list[Any]:
        """Do all commands at once, or none."""
        async with (
            reaching_redis(self._within_s),
            self._redis.pipeline(transaction=True) as pipe,
        ):
            for parts in commands:
                pipe.execute_command(*parts)
            return await pipe.execute()

    async def both(self, first: "Asked", second: "Asked") -> tuple[Any, Any]:
        """Run a script, then another, asked in one message: one wait, one sync.

        Both run again when Redis had forgotten one: twice must be as good as once.
        Raises what the first raised; an error of the second is its reply.
        """
        async with reaching_redis(self._within_s):
            async with self._redis.pipeline(transaction=False) as pipe:
                for asked in (first, second):
                    pipe.execute_command(*asked.script.words(asked.keys, asked.args))
                replies = await pipe.execute(raise_on_error=False)
            if any(isinstance(reply, NoScriptError) for reply in replies):
                told = await first.script.run(first.keys, first.args)
                try:
                    return told, await second.script.run(second.keys, second.args)
                except RedisError as error:
                    return told, error
            told, then = replies
            if isinstance(told, RedisError):
                raise told
            return told, then

    def script(self, name: str) -> "Script":
        return Script(self._redis, name, self._within_s)

    @asynccontextmanager
    async def subscription(self, channel: str) -> AsyncIterator["Subscription"]:
        async with self._redis.pubsub() as pubsub:
            async with reaching_redis(self._within_s):
                await pubsub.subscribe(channel)
            yield Subscription(pubsub, self._within_s)


class Subscription:
    def __init__(self, pubsub: PubSub, within_s: float) -> None:
        self._pubsub = pubsub
        self._within_s = within_s

    async def next(self) -> bool:
        """Whether a message came before BLOCK_MS were over."""
        return await self.text() is not None

    async def text(self) -> str | None:
        """The next message; None when there was none before BLOCK_MS were over."""
        async with reaching_redis(self._within_s + BLOCK_MS / 1000):
            message = await self._pubsub.get_message(
                ignore_subscribe_messages=True, timeout=BLOCK_MS / 1000
            )
        return None if message is None else str(message["data"])


class Script:
    """One file of `scripts/`, run atomically; sent again when Redis forgot it."""

    def __init__(self, redis: Redis, name: str, within_s: float) -> None:
        self._script = redis.register_script(_text("record") + _text(name))
        self._within_s = within_s

    async def __call__(self, keys: Sequence[str], args: Sequence[Part]) -> Any:  # noqa: ANN401
        async with reaching_redis(self._within_s):
            return await self.run(keys, args)

    async def run(self, keys: Sequence[str], args: Sequence[Part]) -> Any:  # noqa: ANN401
        """However long it takes; errors are the library's."""
        return await self._script(keys=keys, args=args)

    def words(self, keys: Sequence[str], args: Sequence[Part]) -> tuple[Part, ...]:
        """The command that runs it, if Redis knows it."""
        return ("EVALSHA", self._script.sha, len(keys), *keys, *args)


class Asked(NamedTuple):
    """A script, and what it is given."""

    script: Script
    keys: Sequence[str]
    args: Sequence[Part]


@cache
def _text(name: str) -> str:
    folder = files("voiceplat.bus") / "scripts"
    return (folder / f"{name}.lua").read_text(encoding="utf-8")


class Patience:
    """Waits between attempts to reach something that is away, longer each time."""

    def __init__(self, *, first_s: float = 0.05, most_s: float = 1.0) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._next_s = first_s

    async def wait(self) -> None:
        await asyncio.sleep(self._next_s)
        self._next_s = min(self._next_s * 2, self._most_s)

    def reset(self) -> None:
        self._next_s = self._first_s


async def outliving(source: Callable[[], AsyncGenerator[T]]) -> AsyncGenerator[T]:
    """Everything from `source`, which is opened again when Redis was away."""
    patience = Patience()
    while True:
        try:
            async with aclosing(source()) as items:
                async for item in items:
                    patience.reset()
                    yield item
        except Unavailable:
            await patience.wait()


@asynccontextmanager
async def connect(settings: RedisSettings) -> AsyncIterator[Wire]:
    """The way to Redis; nothing is sent before the first command.

    The client has no time limits of its own but for connecting: it would send with
    `asyncio.wait_for`, which before Python 3.12 forgets a cancellation that arrives
    just when the sending is done.
    """
    redis = Redis.from_url(
        settings.url,
        protocol=2,
        decode_responses=True,
        socket_connect_timeout=settings.connect_timeout_ms / 1000,
        socket_timeout=None,
        max_connections=CONNECTIONS_MAX,
        retry=Retry(NoBackoff(), 0),
        driver_info=None,  # else the library reads its own version from the disk
        **{} if settings.url.startswith("unix:") else {"socket_keepalive": True},
    )
    try:
        yield Wire(redis, timedelta(milliseconds=settings.command_timeout_ms))
    finally:
        with suppress(RedisError, OSError):  # it may be gone already
            await redis.aclose()
