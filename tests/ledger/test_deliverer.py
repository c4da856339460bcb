import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from plivo.utils import validate_v3_signature

from tests.bus.calls import MAIN
from tests.ledger.parts import Parts, delivering, until
from tests.servers.redis import RedisServer
from voiceplat.core.sealing import new_secret_key, seal
from voiceplat.core.settings import DatabaseSettings
from voiceplat.db.engine import Database
from voiceplat.db.models import CallbackState
from voiceplat.ledger.deliverer import LEASE

pytestmark = pytest.mark.redis

PENDING, DELIVERED = CallbackState.PENDING, CallbackState.DELIVERED
FAILED = CallbackState.FAILED


async def settled(parts: Parts) -> bool:
    return PENDING not in await parts.states()


async def attempts(parts: Parts) -> int:
    return sum(row.attempts for row in await parts.outbox())


async def tried(parts: Parts, times: int) -> None:
    async def enough() -> bool:
        return await attempts(parts) >= times

    await until(enough)


async def test_a_callback_is_delivered_once(parts: Parts) -> None:
    await parts.add("call-1", "/ring")

    async with delivering(parts.deliverer()):
        await until(lambda: settled(parts))

    assert parts.customer.asked == [("/ring", {"CallUUID": "call-1"})]
    assert await parts.states() == [DELIVERED]


async def test_a_callback_is_signed_with_the_account_s_token(parts: Parts) -> None:
    await parts.add("call-1", "/ring")

    async with delivering(parts.deliverer()):
        await until(lambda: settled(parts))

    (headers,) = parts.customer.headers
    assert validate_v3_signature(
        "POST",
        "http://customer.example/ring",
        headers["X-Plivo-Signature-V3-Nonce"],
        "token",
        headers["X-Plivo-Signature-V3"],
        {"CallUUID": "call-1"},
    )


async def test_what_comes_later_is_delivered_when_it_is_told_of(parts: Parts) -> None:
    deliverer = parts.deliverer()
    async with delivering(deliverer):
        await asyncio.sleep(0.05)
        await parts.add("call-1", "/ring")

        deliverer.look()
        await parts.customer.asked_times(1)


async def test_callbacks_of_a_call_arrive_in_order(parts: Parts) -> None:
    for path in ("/1", "/2", "/3", "/4"):
        await parts.add("call-1", path)

    async with delivering(parts.deliverer()):
        await until(lambda: settled(parts))

    assert parts.customer.paths == ["/1", "/2", "/3", "/4"]
    assert parts.customer.at_once_most == 1


async def test_a_callback_waits_for_the_one_before_it(parts: Parts) -> None:
    release = parts.customer.slow["/ring"] = asyncio.Event()
    await parts.add("call-1", "/ring")
    await parts.add("call-1", "/hangup")

    async with delivering(parts.deliverer()):
        await parts.customer.asked_times(1)
        await asyncio.sleep(0.1)
        before = list(parts.customer.paths)
        release.set()
        await until(lambda: settled(parts))

    assert before == ["/ring"]
    assert parts.customer.paths == ["/ring", "/hangup"]


async def test_a_slow_server_keeps_no_other_call_waiting(parts: Parts) -> None:
    release = parts.customer.slow["/slow"] = asyncio.Event()
    await parts.add("call-1", "/slow")
    await parts.add("call-2", "/quick")

    async with delivering(parts.deliverer()):
        await parts.customer.asked_times(2)

        async def quick_is_done() -> bool:
            return await parts.states() == [PENDING, DELIVERED]

        await until(quick_is_done)
        release.set()
        await until(lambda: settled(parts))

    assert await parts.states() == [DELIVERED, DELIVERED]


async def test_no_more_are_sent_at_once_than_allowed(parts: Parts) -> None:
    release = parts.customer.slow["/slow"] = asyncio.Event()
    for n in range(5):
        await parts.add(f"call-{n}", "/slow")

    async with delivering(parts.deliverer(deliveries_at_once=2)):
        await parts.customer.asked_times(2)
        await asyncio.sleep(0.1)
        release.set()
        await until(lambda: settled(parts))

    assert parts.customer.at_once_most == 2
    assert len(parts.customer.asked) == 5


async def test_an_unreachable_server_is_tried_again_later_each_time(
    parts: Parts,
) -> None:
    parts.customer.away = True
    await parts.add("call-1", "/ring")
    deliverer = parts.deliverer(redelivery_first_wait_s=5, redelivery_wait_factor=4)

    waits = []
    async with delivering(deliverer):
        for times in (1, 2, 3):
            await tried(parts, times)
            (row,) = await parts.outbox()
            waits.append(row.due_at - parts.clock())
            parts.clock.now = row.due_at
            deliverer.look()
        await tried(parts, 4)

    assert waits == [timedelta(seconds=s) for s in (5, 20, 80)]


async def test_a_server_that_comes_back_gets_its_callback(parts: Parts) -> None:
    parts.customer.away = True
    await parts.add("call-1", "/ring")
    await parts.add("call-1", "/hangup")
    deliverer = parts.deliverer()

    async with delivering(deliverer):
        await tried(parts, 1)
        parts.customer.away = False
        parts.clock.advance(seconds=5)
        deliverer.look()
        await until(lambda: settled(parts))

    assert parts.customer.paths == ["/ring", "/ring", "/hangup"]
    assert await parts.states() == [DELIVERED, DELIVERED]


async def test_a_callback_that_waits_for_its_server_blocks_its_own_call_only(
    parts: Parts,
) -> None:
    parts.customer.away = True
    await parts.add("call-1", "/1")
    await parts.add("call-1", "/1-next")
    deliverer = parts.deliverer()

    async with delivering(deliverer):
        await tried(parts, 1)
        parts.customer.away = False
        await parts.add("call-2", "/2")
        deliverer.look()

        async def other_is_done() -> bool:
            return (await parts.states())[2] == DELIVERED

        await until(other_is_done)

    assert parts.customer.paths == ["/1", "/2"]
    assert await parts.states() == [PENDING, PENDING, DELIVERED]


async def test_it_gives_up_after_the_last_round_and_goes_on_with_the_next(
    parts: Parts,
) -> None:
    parts.customer.away = True
    await parts.add("call-1", "/ring")
    deliverer = parts.deliverer(redeliveries=2)

    async with delivering(deliverer):
        for times in (1, 2, 3):
            await tried(parts, times)
            parts.clock.advance(hours=1)
            deliverer.look()
        await until(lambda: settled(parts))
        parts.customer.away = False
        await parts.add("call-1", "/hangup")
        deliverer.look()
        await until(lambda: settled(parts))

    assert parts.customer.paths == ["/ring"] * 3 + ["/hangup"]
    assert await parts.states() == [FAILED, DELIVERED]


@pytest.mark.parametrize("status", [301, 404, 500, 503])
async def test_an_answer_that_is_not_2xx_is_final(parts: Parts, status: int) -> None:
    parts.customer.status = status
    await parts.add("call-1", "/ring")

    async with delivering(parts.deliverer()):
        await until(lambda: settled(parts))

    (row,) = await parts.outbox()
    assert len(parts.customer.asked) == 1
    assert (row.state, row.last_error) == (FAILED, f"answered {status}")


@pytest.mark.parametrize("server", ["ftp://customer.example", "nowhere"])
async def test_a_url_that_can_never_be_asked_holds_nothing_back(
    parts: Parts, server: str
) -> None:
    await parts.add("call-1", "/ring", server=server)
    await parts.add("call-1", "/hangup")

    async with delivering(parts.deliverer()):
        await until(lambda: settled(parts))

    assert await parts.states() == [FAILED, DELIVERED]


async def test_a_restart_in_the_middle_of_retries_goes_on_where_it_was(
    parts: Parts,
) -> None:
    parts.customer.away = True
    await parts.add("call-1", "/ring")
    await parts.add("call-1", "/hangup")
    async with delivering(parts.deliverer()):
        await tried(parts, 1)

    parts.customer.away = False
    async with delivering(parts.deliverer()):
        await asyncio.sleep(0.1)
        too_early = list(parts.customer.paths)
    parts.clock.advance(seconds=5)
    async with delivering(parts.deliverer()):
        await until(lambda: settled(parts))

    assert too_early == ["/ring"]
    assert parts.customer.paths == ["/ring", "/ring", "/hangup"]
    assert [row.attempts for row in await parts.outbox()] == [2, 1]


async def test_what_a_killed_ledger_had_in_hand_is_sent_by_the_next(
    parts: Parts,
) -> None:
    parts.customer.slow["/ring"] = asyncio.Event()
    await parts.add("call-1", "/ring")
    killed = asyncio.create_task(parts.deliverer().run(asyncio.Event()))
    await parts.customer.asked_times(1)
    killed.cancel()
    await asyncio.wait({killed})
    del parts.customer.slow["/ring"]

    async with delivering(parts.deliverer()):
        await asyncio.sleep(0.1)
        too_early = list(parts.customer.paths)
    parts.clock.now += LEASE
    async with delivering(parts.deliverer()):
        await until(lambda: settled(parts))

    assert too_early == ["/ring"]
    assert parts.customer.paths == ["/ring", "/ring"]


async def test_two_ledgers_send_each_callback_once(parts: Parts) -> None:
    for n in range(20):
        await parts.add(f"call-{n}", f"/{n}")

    async with delivering(parts.deliverer()), delivering(parts.deliverer()):
        await until(lambda: settled(parts))

    assert sorted(parts.customer.paths) == sorted(f"/{n}" for n in range(20))


async def test_a_stop_finishes_what_is_running_and_leaves_the_rest(
    parts: Parts,
) -> None:
    release = parts.customer.slow["/ring"] = asyncio.Event()
    await parts.add("call-1", "/ring")
    await parts.add("call-1", "/hangup")

    async with delivering(parts.deliverer()) as stop:
        await parts.customer.asked_times(1)
        stop.set()
        await asyncio.sleep(0.05)
        release.set()

    assert parts.customer.paths == ["/ring"]
    assert await parts.states() == [DELIVERED, PENDING]


async def test_a_callback_of_a_deleted_account_fails(parts: Parts) -> None:
    await parts.bus.directory.delete_account(MAIN)
    await parts.add("call-1", "/ring")

    async with delivering(parts.deliverer()):
        await until(lambda: settled(parts))

    assert await parts.states() == [FAILED]
    assert parts.customer.asked == []


async def test_a_token_that_cannot_be_opened_is_no_reason_to_give_up(
    parts: Parts,
) -> None:
    entry = await parts.bus.directory.account(MAIN)
    assert entry is not None
    changed = parts.security.model_copy(
        update={"secret_key": type(parts.security.secret_key)(new_secret_key())}
    )
    wrong = seal("token", changed)
    await parts.bus.directory.put_account(
        entry.model_copy(update={"sealed_token": wrong})
    )
    await parts.add("call-1", "/ring")
    deliverer = parts.deliverer(redeliveries=0)

    async with delivering(deliverer):
        await tried(parts, 1)
        await parts.bus.directory.put_account(entry)
        parts.clock.advance(hours=1)
        deliverer.look()
        await until(lambda: settled(parts))

    assert await parts.states() == [DELIVERED]


async def test_callbacks_wait_while_redis_is_away(
    parts: Parts, redis: RedisServer
) -> None:
    await parts.add("call-1", "/ring")
    deliverer = parts.deliverer(redeliveries=0)
    await asyncio.to_thread(redis.kill)

    async with delivering(deliverer):
        await tried(parts, 1)
        await asyncio.to_thread(redis.start)
        parts.clock.advance(hours=1)
        deliverer.look()
        await until(lambda: settled(parts))

    assert parts.customer.paths == ["/ring"]
    assert await parts.states() == [DELIVERED]


async def test_what_was_sent_while_the_database_was_away_is_not_sent_again(
    parts: Parts, database_file: Path
) -> None:
    release = parts.customer.slow["/ring"] = asyncio.Event()
    await parts.add("call-1", "/ring")
    settings = DatabaseSettings(url=f"sqlite:///{database_file}", busy_timeout_ms=20)

    async with (
        Database.open(settings) as db,
        delivering(replace(parts, db=db).deliverer()),
    ):
        await parts.customer.asked_times(1)
        with closing(sqlite3.connect(database_file)) as other:
            other.execute("BEGIN IMMEDIATE")
            release.set()
            await asyncio.sleep(0.3)
        before = await parts.states()
        await until(lambda: settled(parts))

    assert before == [PENDING]
    assert parts.customer.paths == ["/ring"]
    assert await parts.states() == [DELIVERED]
