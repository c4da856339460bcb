import asyncio
import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.bus.calls import MAIN, NODE, NORMAL, WORKER, a_call, dialled, enqueued
from tests.ledger.parts import HANGUP, RING, Parts, running, until
from tests.servers.redis import RedisServer
from voiceplat.bus import keys
from voiceplat.bus.events import Callback
from voiceplat.calls.call import EndFacts, Hook
from voiceplat.calls.status import Direction
from voiceplat.core.clock import utc_now
from voiceplat.core.settings import DatabaseSettings
from voiceplat.db.engine import Database
from voiceplat.db.repositories.callback import CallbackRepository

pytestmark = pytest.mark.redis

TOLD = Callback(
    account=MAIN, hook=Hook(url="http://c/cb", method="GET"), params={"a": "1"}
)


async def applied(parts: Parts) -> None:
    async with running(parts.applier().run()):
        await until(parts.all_applied)


async def test_a_call_that_ended_becomes_a_record(parts: Parts) -> None:
    uuid = await parts.call_story()

    await applied(parts)

    (record,) = await parts.records()
    assert record.call_uuid == uuid
    assert record.hangup_cause_code == 4000
    assert record.ringing_at is not None
    assert record.answered_at is not None


async def test_ring_and_hangup_are_told_in_the_order_of_events(parts: Parts) -> None:
    uuid = await parts.call_story()

    await applied(parts)

    ring, hangup = await parts.outbox()
    assert (ring.url, ring.params["Event"]) == (RING.url, "Ring")
    assert (hangup.url, hangup.params["Event"]) == (HANGUP.url, "Hangup")
    assert ring.call_uuid == hangup.call_uuid == uuid
    assert hangup.params["HangupCauseCode"] == "4000"
    assert hangup.account_id == MAIN


async def test_times_are_told_in_the_account_s_zone(parts: Parts) -> None:
    await parts.call_story()

    await applied(parts)

    hangup = (await parts.outbox())[-1]
    assert hangup.params["EndTime"] == "2030-01-02 05:30:00"


async def test_nothing_is_told_without_a_url(parts: Parts) -> None:
    uuid = await dialled(parts.bus, a_call())
    await parts.bus.live.ringing(uuid)
    await parts.bus.live.end(uuid, NORMAL)

    await applied(parts)

    assert await parts.outbox() == []
    assert len(await parts.records()) == 1


async def test_an_inbound_call_rings_without_a_word(parts: Parts) -> None:
    call = a_call(direction=Direction.INBOUND, ring=RING, hangup=HANGUP)
    await parts.bus.live.open_at(call, WORKER, NODE)
    await parts.bus.live.end(call.uuid, NORMAL)

    await applied(parts)

    assert [row.url for row in await parts.outbox()] == [HANGUP.url]


async def test_a_callback_event_goes_to_the_outbox_as_it_is(parts: Parts) -> None:
    (uuid,) = await enqueued(parts.bus, a_call())
    await parts.bus.events.notify(uuid, TOLD)

    await applied(parts)

    (row,) = await parts.outbox()
    assert (row.url, row.method, row.params) == ("http://c/cb", "GET", {"a": "1"})


async def test_an_event_that_comes_twice_changes_nothing_the_second_time(
    parts: Parts,
) -> None:
    uuid = await parts.call_story()
    await parts.bus.events.notify(uuid, TOLD)
    events = await parts.bus.events.read("dead")  # and it died before it could tell

    for _ in range(2):
        for event in events:
            await parts.applier().settle(event)

    assert len(await parts.records()) == 1
    assert [row.url for row in await parts.outbox()] == [
        RING.url,
        HANGUP.url,
        TOLD.hook.url,
    ]
    assert await parts.bus.events.parked() == 0


async def test_what_a_dead_ledger_left_unacknowledged_is_applied(parts: Parts) -> None:
    await parts.call_story()
    await parts.bus.events.read("dead")

    await applied(parts)

    assert len(await parts.records()) == 1
    assert len(await parts.outbox()) == 2


async def test_while_the_database_is_away_events_wait_and_are_applied_when_it_is_back(
    parts: Parts, database_file: Path, tmp_path: Path
) -> None:
    away = tmp_path / "not-mounted" / "voiceplat.db"
    await parts.call_story()

    async with (
        Database.open(DatabaseSettings(url=f"sqlite:///{away}")) as db,
        running(parts.applier(db).run()),
    ):
        await asyncio.sleep(0.3)
        waiting = await parts.bus.events.waiting()
        away.parent.mkdir()
        shutil.copy(database_file, away)
        await until(parts.all_applied)
        async with db.reading() as tx:
            rows = await CallbackRepository(tx).due(utc_now() + timedelta(days=1), 10)

    assert waiting == 3  # initiated needed no database
    assert [row.url for row in rows] == [RING.url]
    assert await parts.bus.events.parked() == 0


async def test_events_wait_until_the_directory_is_filled(
    parts: Parts, redis: RedisServer
) -> None:
    entry = await parts.bus.directory.account(MAIN)
    assert entry is not None
    await parts.call_story()
    await parts.bus.directory.delete_account(MAIN)
    with redis.client() as client:
        client.delete(keys.DIRECTORY_READY)

    async with running(parts.applier().run()):
        await asyncio.sleep(0.3)
        before = await parts.records()
        await parts.bus.directory.put_account(entry)
        await parts.bus.directory.mark_ready()
        await until(parts.all_applied)

    assert before == []
    assert (await parts.outbox())[-1].params["EndTime"] == "2030-01-02 05:30:00"


async def test_a_deleted_account_s_calls_are_told_in_utc(parts: Parts) -> None:
    await parts.bus.directory.delete_account(MAIN)
    await parts.call_story()

    await applied(parts)

    assert (await parts.outbox())[-1].params["EndTime"] == "2030-01-02 00:00:00"


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"kind": "ended", "data": "{"}, id="no JSON"),
        pytest.param({"kind": "ended", "data": "{}"}, id="no call"),
        pytest.param({"kind": "unheard-of", "data": "{}"}, id="unknown kind"),
    ],
)
async def test_an_event_without_sense_is_parked_and_the_next_is_applied(
    parts: Parts, redis: RedisServer, fields: dict[str, str]
) -> None:
    with redis.client() as client:
        client.xadd(keys.EVENTS, {"call_uuid": "x", "seq": "1", "at": "1", **fields})
    uuid = await parts.call_story()

    await applied(parts)

    assert await parts.bus.events.parked() == 1
    assert [record.call_uuid for record in await parts.records()] == [uuid]


async def test_an_end_that_nobody_knows_is_parked_as_it_came(
    parts: Parts, redis: RedisServer
) -> None:
    uuid = await dialled(parts.bus, a_call(hangup=HANGUP))
    strange = EndFacts(cause_code=424242, source="Martian", at=utc_now())
    await parts.bus.live.end(uuid, strange)

    await applied(parts)

    with redis.client() as client:
        ((_, parked),) = client.xrange(keys.PARKED_EVENTS)
    assert parked["kind"] == "ended"
    assert json.loads(parked["data"])["end"]["cause_code"] == 424242
    assert await parts.records() == []
    assert await parts.outbox() == []


async def test_one_ledger_at_a_time_applies_and_another_follows(parts: Parts) -> None:
    async with running(parts.applier().run()):
        async with running(parts.applier().run()):
            await parts.call_story()
            await until(parts.all_applied)

        await parts.call_story()
        await until(parts.all_applied)

    assert len(await parts.records()) == 2
    assert len(await parts.outbox()) == 4


async def test_it_goes_on_after_a_restart_of_redis(
    parts: Parts, redis: RedisServer
) -> None:
    async with running(parts.applier().run()):
        await parts.call_story()
        await until(parts.all_applied)

        await asyncio.to_thread(redis.restart)
        await parts.call_story()
        await until(parts.all_applied)

    assert len(await parts.records()) == 2


async def test_whoever_delivers_is_told_of_news(parts: Parts) -> None:
    told = asyncio.Event()
    applier = parts.applier(told=told.set)
    await parts.call_story()

    async with running(applier.run()):
        await until(parts.all_applied)

    assert told.is_set()
