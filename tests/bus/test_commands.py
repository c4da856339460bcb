import asyncio
from contextlib import aclosing
from datetime import timedelta

import pytest

from tests.bus.calls import (
    NORMAL,
    WORKER,
    WORKER_2,
    a_call,
    assigned,
    dialled,
    enqueued,
    jobs,
)
from tests.servers.redis import RedisServer
from voiceplat.bus import keys
from voiceplat.bus.bus import Bus
from voiceplat.bus.commands import CommandMessage, Hangup, InboxMessage, Job
from voiceplat.calls.hangup import HangupSource
from voiceplat.core.errors import CallNotLive, CommandRefused, Unavailable
from voiceplat.core.ids import CallUuid, WorkerAddress

pytestmark = pytest.mark.redis

HANGUP = Hangup(source=HangupSource.API, cause=4000)
SHORT = timedelta(milliseconds=50)


async def next_message(bus: Bus, worker: WorkerAddress = WORKER) -> InboxMessage:
    async with asyncio.timeout(20), aclosing(bus.commands.inbox(worker)) as inbox:
        return await anext(inbox)


async def live_call(bus: Bus) -> CallUuid:
    uuid = await dialled(bus, a_call())
    await jobs(bus, WORKER, 1)
    return uuid


async def obey(bus: Bus, error: str | None = None) -> CommandMessage:
    message = await next_message(bus)
    assert isinstance(message, CommandMessage)
    await bus.commands.acknowledge(message, error)
    return message


async def test_a_command_returns_when_the_worker_has_done_it(bus: Bus) -> None:
    uuid = await live_call(bus)

    message, _ = await asyncio.gather(obey(bus), bus.commands.send(uuid, HANGUP))

    assert message.call_uuid == uuid
    assert message.command == HANGUP


async def test_what_the_worker_cannot_do_is_refused_in_its_words(bus: Bus) -> None:
    uuid = await live_call(bus)

    sent, _ = await asyncio.gather(
        bus.commands.send(uuid, HANGUP), obey(bus, "not now"), return_exceptions=True
    )

    assert isinstance(sent, CommandRefused)
    assert str(sent) == "not now"


async def test_a_call_that_ended_while_the_command_travelled_is_not_live(
    bus: Bus,
) -> None:
    uuid = await live_call(bus)
    sending = asyncio.create_task(bus.commands.send(uuid, HANGUP))
    message = await next_message(bus)
    assert isinstance(message, CommandMessage)
    await bus.live.end(uuid, NORMAL)

    await bus.commands.acknowledge(message, "call not found")

    with pytest.raises(CallNotLive):
        await sending


async def test_a_call_that_nobody_knows_is_not_live(bus: Bus) -> None:
    with pytest.raises(CallNotLive) as caught:
        await bus.commands.send(CallUuid("unknown"), HANGUP)

    assert caught.value.call_uuid == "unknown"


async def test_a_queued_call_is_not_live(bus: Bus) -> None:
    (uuid,) = await enqueued(bus, a_call())

    with pytest.raises(CallNotLive):
        await bus.commands.send(uuid, HANGUP)


async def test_a_silent_worker_makes_the_command_unavailable(bus: Bus) -> None:
    uuid = await live_call(bus)

    with pytest.raises(Unavailable):
        await bus.commands.send(uuid, HANGUP, within=SHORT)


async def test_a_command_whose_sender_gave_up_is_not_done_later(
    bus: Bus, redis: RedisServer
) -> None:
    uuid = await live_call(bus)

    with pytest.raises(Unavailable):
        await bus.commands.send(uuid, HANGUP, within=SHORT)

    with redis.client() as client:
        assert client.llen(keys.inbox(WORKER)) == 0


async def test_an_answer_that_nobody_fetched_does_not_stay(
    bus: Bus, redis: RedisServer
) -> None:
    message = CommandMessage(id="x", call_uuid=CallUuid("u"), command=HANGUP)

    await bus.commands.acknowledge(message)

    with redis.client() as client:
        assert 0 < client.ttl(keys.reply("x")) <= 60


async def test_an_inbox_keeps_the_order_of_jobs_and_commands(bus: Bus) -> None:
    uuid = await live_call(bus)
    first = await assigned(bus, a_call())
    sending = asyncio.create_task(bus.commands.send(uuid, HANGUP))
    await asyncio.sleep(0.05)
    second = await assigned(bus, a_call())

    async with aclosing(bus.commands.inbox(WORKER)) as inbox:
        got = [await anext(inbox) for _ in range(3)]

    assert isinstance(got[1], CommandMessage)
    await bus.commands.acknowledge(got[1])
    await sending
    assert [m.call.uuid for m in got if isinstance(m, Job)] == [first, second]


async def test_an_inbox_is_one_worker_s(bus: Bus) -> None:
    mine = await assigned(bus, a_call(), worker=WORKER)
    theirs = await assigned(bus, a_call(), worker=WORKER_2)

    assert await jobs(bus, WORKER, 1) == [mine]
    assert await jobs(bus, WORKER_2, 1) == [theirs]


async def test_a_message_without_sense_is_skipped(bus: Bus, redis: RedisServer) -> None:
    with redis.client() as client:
        client.rpush(keys.inbox(WORKER), "{", '{"kind":"other"}')
    uuid = await assigned(bus, a_call())

    assert await jobs(bus, WORKER, 1) == [uuid]


async def test_a_job_that_was_lost_on_its_way_comes_again_and_is_begun_once(
    bus: Bus,
) -> None:
    uuid = await assigned(bus, a_call())
    await jobs(bus, WORKER, 1)  # taken out, and the worker never saw it

    again = await jobs(bus, WORKER, 1)

    assert again == [uuid]
    assert [await bus.queue.begin(uuid) for _ in range(2)] == [True, False]


async def test_lost_jobs_come_again_in_their_order_and_begun_ones_do_not(
    bus: Bus,
) -> None:
    wanted = [await assigned(bus, a_call()) for _ in range(3)]
    await jobs(bus, WORKER, 3)
    await bus.queue.begin(wanted[0])

    assert await jobs(bus, WORKER, 2) == wanted[1:]


async def test_what_a_dead_worker_will_not_read_can_be_discarded(
    bus: Bus, redis: RedisServer
) -> None:
    await assigned(bus, a_call())

    await bus.commands.discard(WORKER)

    with redis.client() as client:
        assert not client.exists(keys.inbox(WORKER))
