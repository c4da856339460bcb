"""What callers see while Redis is away, and that nothing is lost when it returns."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta

import pytest

from tests.bus.calls import (
    CANCELLED,
    FAST,
    MAIN,
    NODE,
    NORMAL,
    WORKER,
    a_call,
    assigned,
    dialled,
    enqueued,
    jobs,
)
from tests.servers.redis import RedisServer
from voiceplat.bus.bus import Bus
from voiceplat.bus.commands import CommandMessage, Hangup, Job, LegWanted
from voiceplat.bus.connection import connect
from voiceplat.bus.events import Callback
from voiceplat.calls.call import Hook
from voiceplat.calls.leg import Destination
from voiceplat.calls.link import LinkEnd
from voiceplat.core.errors import Unavailable
from voiceplat.core.ids import AuthId, CallUuid
from voiceplat.core.settings import RedisSettings

pytestmark = [pytest.mark.redis, pytest.mark.fault]

UUID = CallUuid("00000000-0000-4000-8000-000000000000")
Use = Callable[[Bus], Awaitable[object]]
COMMAND = CommandMessage(
    id="x", call_uuid=UUID, command=Hangup(source="API Request", cause=4000)
)
WANTED = LegWanted(
    to=Destination("sip:x@127.0.0.1", "1"),
    link=LinkEnd("127.0.0.1", 1, 1),
    host="127.0.0.1",
    port=1,
    password="x",
)
USES: dict[str, Use] = {
    "ping": lambda bus: bus.ping(),
    "enqueue": lambda bus: bus.queue.enqueue(a_call(), 2.0),
    "place": lambda bus: bus.queue.place(a_call(), 2.0),
    "answering": lambda bus: bus.directory.answering("number", "1", "1"),
    "dispatch": lambda bus: bus.queue.dispatch(),
    "begin": lambda bus: bus.queue.begin(UUID),
    "cancel": lambda bus: bus.queue.cancel(UUID, CANCELLED),
    "requeue": lambda bus: bus.queue.requeue(UUID),
    "depth": lambda bus: bus.queue.depth(MAIN),
    "announce": lambda bus: bus.slots.announce(WORKER, free=1, busy=0),
    "withdraw": lambda bus: bus.slots.withdraw(WORKER),
    "count": lambda bus: bus.slots.count(),
    "borrow": lambda bus: bus.legs.borrow(WANTED, not_from=()),
    "take_back": lambda bus: bus.legs.take_back(WANTED, WORKER),
    "free": lambda bus: bus.legs.free(WORKER),
    "open_at": lambda bus: bus.live.open_at(a_call(), WORKER, NODE),
    "ringing": lambda bus: bus.live.ringing(UUID),
    "answered": lambda bus: bus.live.answered(UUID),
    "end": lambda bus: bus.live.end(UUID, NORMAL),
    "get": lambda bus: bus.live.get(UUID),
    "list": lambda bus: bus.live.list(MAIN, status="live"),
    "held_by": lambda bus: bus.live.held_by(WORKER),
    "send": lambda bus: bus.commands.send(UUID, COMMAND.command),
    "acknowledge": lambda bus: bus.commands.acknowledge(COMMAND),
    "discard": lambda bus: bus.commands.discard(WORKER),
    "notify": lambda bus: bus.events.notify(
        UUID, Callback(account=MAIN, hook=Hook(url="http://c/"), params={})
    ),
    "ack": lambda bus: bus.events.ack(["1-0"]),
    "waiting": lambda bus: bus.events.waiting(),
    "beat": lambda bus: bus.nodes.beat(NODE),
    "add_worker": lambda bus: bus.nodes.add_worker(NODE, WORKER),
    "dead": lambda bus: bus.nodes.dead(timedelta(seconds=1)),
    "remove": lambda bus: bus.nodes.remove(NODE),
    "hold": lambda bus: bus.leases.hold("x", "y", timedelta(seconds=1)),
    "account": lambda bus: bus.directory.account(AuthId("x")),
    "put_trunks": lambda bus: bus.directory.put_trunks([]),
    "is_ready": lambda bus: bus.directory.is_ready(),
}


async def restarted(redis: RedisServer) -> None:
    """kill -9 and a new start; this process hears of both, as it would in life."""
    await asyncio.to_thread(redis.restart)


async def test_everything_is_unavailable_while_redis_is_away(
    bus: Bus, redis: RedisServer
) -> None:
    await bus.ping()
    redis.kill()

    for name, use in USES.items():
        with pytest.raises(Unavailable) as caught:
            await use(bus)
        assert caught.value.part == "Redis", name


async def test_the_first_use_after_a_restart_works(
    bus: Bus, redis: RedisServer
) -> None:
    for use in USES.values():
        await allow_not_live(use, bus)

    await restarted(redis)

    for use in USES.values():
        await allow_not_live(use, bus)


async def allow_not_live(use: Use, bus: Bus) -> None:
    """`send` has no live call to reach; that is no outage."""
    if use is not USES["send"]:
        await use(bus)


async def test_a_redis_that_never_was_there_is_unavailable(
    redis: RedisServer,
) -> None:
    async with Bus.connect(RedisSettings(url="redis://127.0.0.1:1/0")) as bus:
        with pytest.raises(Unavailable):
            await bus.ping()


async def test_a_redis_that_hangs_is_unavailable(redis: RedisServer) -> None:
    settings = RedisSettings(url=redis.url, command_timeout_ms=100)
    async with Bus.connect(settings) as bus:
        await bus.ping()
        with redis.client() as client:
            client.execute_command("CLIENT", "PAUSE", 400)

        with pytest.raises(Unavailable):
            await bus.queue.depth(MAIN)


async def test_scripts_that_redis_forgot_are_sent_again(
    bus: Bus, redis: RedisServer
) -> None:
    await enqueued(bus, a_call())
    with redis.client() as client:
        client.script_flush()

    await enqueued(bus, a_call())

    assert await bus.queue.depth(MAIN) == 2


async def test_a_killed_redis_loses_no_queued_call_and_no_event(
    bus: Bus, redis: RedisServer
) -> None:
    await bus.slots.announce(WORKER, free=1, busy=0)
    uuids = await enqueued(bus, *(a_call() for _ in range(50)))
    await bus.queue.dispatch()

    await restarted(redis)

    assert await bus.queue.depth(MAIN) == 49
    assert await jobs(bus, WORKER, 1) == uuids[:1]
    assert [e.call_uuid for e in await bus.events.read("x")] == uuids


async def test_a_killed_redis_loses_no_event_that_was_read_and_not_acknowledged(
    bus: Bus, redis: RedisServer
) -> None:
    await enqueued(bus, a_call(), a_call())
    read = await bus.events.read("x")
    await bus.events.ack([read[0].id])

    await restarted(redis)

    assert await bus.events.read("y") == read[1:]


async def test_the_pace_survives_a_restart(bus: Bus, redis: RedisServer) -> None:
    await bus.slots.announce(WORKER, free=2, busy=0)
    await enqueued(bus, a_call(), a_call(), rate=1 / 3600)
    await bus.queue.dispatch()

    await restarted(redis)

    wait = await bus.queue.dispatch()
    assert wait is not None
    assert wait > timedelta(minutes=59)


async def test_a_waiting_inbox_goes_on_after_a_restart(
    bus: Bus, redis: RedisServer
) -> None:
    async with asyncio.timeout(20), aclosing(bus.commands.inbox(WORKER)) as inbox:
        waiting = asyncio.create_task(anext(inbox))
        await asyncio.sleep(0.05)

        redis.kill()
        await asyncio.sleep(0.2)
        redis.start()
        uuid = await assigned(bus, a_call())

        message = await waiting
        assert isinstance(message, Job)
        assert message.call.uuid == uuid


async def test_an_inbox_brings_a_job_again_that_a_restart_may_have_swallowed(
    bus: Bus, redis: RedisServer
) -> None:
    async with asyncio.timeout(20), aclosing(bus.commands.inbox(WORKER)) as inbox:
        uuid = await assigned(bus, a_call())
        first = await anext(inbox)

        redis.restart()

        second = await anext(inbox)
        assert first == second
        assert await bus.queue.begin(uuid)


async def test_wake_ups_go_on_after_a_restart_and_begin_with_one(
    bus: Bus, redis: RedisServer
) -> None:
    async with asyncio.timeout(20), aclosing(bus.queue.wake()) as wake_ups:
        await anext(wake_ups)

        redis.restart()

        await anext(wake_ups)
        await enqueued(bus, a_call())
        await anext(wake_ups)


async def test_a_waiting_reader_of_events_goes_on_after_a_restart(
    bus: Bus, redis: RedisServer
) -> None:
    async with asyncio.timeout(20):
        reading = asyncio.create_task(bus.events.read("x"))
        await asyncio.sleep(0.05)

        redis.kill()
        await asyncio.sleep(0.2)
        redis.start()
        (uuid,) = await enqueued(bus, a_call())

        (event,) = await reading
        assert event.call_uuid == uuid


async def test_live_calls_survive_a_restart(bus: Bus, redis: RedisServer) -> None:
    uuid = await dialled(bus, a_call())
    await bus.live.answered(uuid)
    before = await bus.live.get(uuid)

    await restarted(redis)

    assert await bus.live.get(uuid) == before
    assert await bus.live.held_by(WORKER) == [uuid]


async def test_a_cancellation_is_never_forgotten(bus: Bus) -> None:
    await bus.ping()

    for turns in range(1, 30):
        asking = asyncio.create_task(ask_for_ever(bus))
        for _ in range(turns):
            await asyncio.sleep(0)
        asking.cancel()

        async with asyncio.timeout(20):
            await asyncio.wait({asking})
        assert asking.cancelled()


async def ask_for_ever(bus: Bus) -> None:
    while True:
        await bus.ping()


async def test_a_redis_that_is_full_is_unavailable(
    bus: Bus, redis: RedisServer
) -> None:
    async with connect(RedisSettings(url=redis.url)) as wire:
        await wire.ask("CONFIG", "SET", "maxmemory", 1)
        try:
            with pytest.raises(Unavailable):
                await bus.queue.enqueue(a_call(), FAST)
            with pytest.raises(Unavailable):
                await bus.commands.acknowledge(COMMAND)
        finally:
            await wire.ask("CONFIG", "SET", "maxmemory", 0)
