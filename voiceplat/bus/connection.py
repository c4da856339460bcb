"""Redis as this package uses it: text in and out, Unavailable whenever it is away.

Two clients, because a read that blocks for seconds needs another timeout than a command
that must answer at once. Nothing is repeated behind the caller's back: a command whose
answer was lost may have been done, and only its caller knows whether doing it twice is
the same as once. A connection that broke while it lay idle is replaced unnoticed.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    ConnectionError as RedisConnectionError,
)
from redis.exceptions import (
    MasterDownError,
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

BLOCK_MS: Final = 5000
"""How long a blocking read waits before it looks whether Redis is still there."""

_AWAY: Final = (
    RedisConnectionError,  # refused, reset, loading its file, asking for a password
    RedisTimeoutError,
    ReadOnlyError,  # a replica after a failover
    MasterDownError,
    OSError,
)


@contextmanager
def reaching_redis() -> Iterator[None]:
    """Turn "Redis is away" into Unavailable; its other errors are bugs and pass.

    A cancellation always gets through: the client sends with `asyncio.wait_for`, which
    before Python 3.12 forgets one that arrives just when the sending is done.
    """
    task = asyncio.current_task()
    asked_before = task.cancelling() if task else 0
    try:
        yield
    except _AWAY as error:
        if task and task.cancelling() > asked_before:
            raise asyncio.CancelledError from error
        raise Unavailable("Redis", str(error)) from error
    if task and task.cancelling() > asked_before:
        raise asyncio.CancelledError


class Wire:
    """The way to Redis, shared by all parts of the bus."""

    def __init__(self, redis: Redis, patient: Redis) -> None:
        self._redis = redis
        self._patient = patient

    async def ask(self, *parts: Part) -> Any:  # noqa: ANN401 - a reply of any shape
        with reaching_redis():
            return await self._redis.execute_command(*parts)  # type: ignore[no-untyped-call]

    async def wait(self, *parts: Part) -> Any:  # noqa: ANN401 - a reply of any shape
        """Ask a command that blocks for BLOCK_MS at most."""
        with reaching_redis():
            return await self._patient.execute_command(*parts)  # type: ignore[no-untyped-call]

    async def all_of(self, *commands: Sequence[Part]) -> list[Any]:
        """Do all commands at once, or none."""
        with reaching_redis():
            async with self._redis.pipeline(transaction=True) as pipe:
                for parts in commands:
                    pipe.execute_command(*parts)
                return await pipe.execute()

    def script(self, name: str) -> "Script":
        return Script(self._redis, name)

    @asynccontextmanager
    async def subscription(self, channel: str) -> AsyncIterator["Subscription"]:
        with reaching_redis():
            async with self._patient.pubsub() as pubsub:
                await pubsub.subscribe(channel)
                yield Subscription(pubsub)


class Subscription:
    def __init__(self, pubsub: Any) -> None:  # noqa: ANN401 - the client has no types here
        self._pubsub = pubsub

    async def next(self) -> bool:
        """Whether a message came before BLOCK_MS were over."""
        with reaching_redis():
            message = await self._pubsub.get_message(
                ignore_subscribe_messages=True, timeout=BLOCK_MS / 1000
            )
        return message is not None


class Script:
    """One file of `scripts/`, run atomically; sent again when Redis forgot it."""

    def __init__(self, redis: Redis, name: str) -> None:
        self._script = redis.register_script(_text("record") + _text(name))

    async def __call__(self, keys: Sequence[str], args: Sequence[Part]) -> Any:  # noqa: ANN401
        with reaching_redis():
            return await self._script(keys=keys, args=args)


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
    """The two clients; nothing is sent before the first command."""
    redis = _client(settings, settings.command_timeout_ms)
    patient = _client(settings, settings.command_timeout_ms + BLOCK_MS)
    try:
        yield Wire(redis, patient)
    finally:
        await _close(redis)
        await _close(patient)


def _client(settings: RedisSettings, timeout_ms: int) -> Redis:
    return Redis.from_url(
        settings.url,
        protocol=2,
        decode_responses=True,
        socket_connect_timeout=settings.connect_timeout_ms / 1000,
        socket_timeout=timeout_ms / 1000,
        socket_keepalive=True,
        max_connections=1000,
        retry=Retry(NoBackoff(), 0),
    )


async def _close(redis: Redis) -> None:
    try:
        await redis.aclose()
    except (RedisError, OSError):
        return  # it was gone already
