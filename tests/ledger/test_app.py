import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.bus.calls import CANCELLED, NODE, WORKER, a_call, dialled, enqueued
from tests.ledger.parts import HANGUP, RING, Parts, running, until
from tests.servers.redis import PATIENCE
from voiceplat.calls.call import Hook
from voiceplat.core.settings import Settings
from voiceplat.ledger.app import run, serve

pytestmark = [pytest.mark.redis, pytest.mark.fault]


def settings_of(redis_url: str, parts: Parts, **media: int) -> Settings:
    return Settings.model_validate(
        {
            "redis": {"url": redis_url, **PATIENCE},
            "security": parts.security.model_dump(),
            "media": media,
        }
    )


async def test_a_call_s_end_reaches_the_customer(parts: Parts, redis_url: str) -> None:
    settings, stop = settings_of(redis_url, parts), asyncio.Event()
    work = serve(parts.bus, parts.db, parts.client, settings, stop)

    async with running(work):
        await parts.call_story()
        await parts.customer.asked_times(2)

    assert parts.customer.paths == ["/ring", "/hangup"]
    assert len(await parts.records()) == 1


async def test_a_cancelled_call_s_end_reaches_the_customer(
    parts: Parts, redis_url: str
) -> None:
    settings, stop = settings_of(redis_url, parts), asyncio.Event()
    work = serve(parts.bus, parts.db, parts.client, settings, stop)

    async with running(work):
        (uuid,) = await enqueued(parts.bus, a_call(ring=RING, hangup=HANGUP))
        await parts.bus.queue.cancel(uuid, CANCELLED)
        await parts.customer.asked_times(1)

    ((path, form),) = parts.customer.asked
    assert path == "/hangup"
    assert (form["CallStatus"], form["HangupCauseCode"]) == ("cancel", "1000")
    assert form["AnswerTime"] == ""


async def test_a_dead_node_s_call_reaches_the_customer_as_5010(
    parts: Parts, redis_url: str
) -> None:
    settings = settings_of(redis_url, parts, heartbeat_timeout_ms=400)
    work = serve(parts.bus, parts.db, parts.client, settings, asyncio.Event())
    await parts.bus.nodes.beat(NODE)
    await parts.bus.nodes.add_worker(NODE, WORKER)
    await dialled(parts.bus, a_call(hangup=HANGUP))

    async with running(work):
        await parts.customer.asked_times(1)

    ((_, form),) = parts.customer.asked
    assert form["HangupCauseCode"] == "5010"


async def test_a_stop_ends_it_and_finishes_the_running_delivery(
    parts: Parts, redis_url: str
) -> None:
    release = parts.customer.slow["/ring"] = asyncio.Event()
    settings, stop = settings_of(redis_url, parts), asyncio.Event()
    serving = asyncio.create_task(
        serve(parts.bus, parts.db, parts.client, settings, stop)
    )
    await parts.call_story()
    await parts.customer.asked_times(1)
    await until(parts.all_applied)

    stop.set()
    await asyncio.sleep(0.1)
    was_waiting = not serving.done()
    release.set()
    async with asyncio.timeout(20):
        await serving

    assert was_waiting
    assert parts.customer.paths == ["/ring"]
    assert await parts.states() == ["delivered", "pending"]


async def test_a_stop_waits_no_longer_than_the_drain_timeout(
    parts: Parts, redis_url: str
) -> None:
    parts.customer.slow["/ring"] = asyncio.Event()
    settings = settings_of(redis_url, parts, drain_timeout_s=0)
    stop = asyncio.Event()
    serving = asyncio.create_task(
        serve(parts.bus, parts.db, parts.client, settings, stop)
    )
    await parts.call_story()
    await parts.customer.asked_times(1)
    await until(parts.all_applied)

    stop.set()
    async with asyncio.timeout(20):
        await serving

    assert await parts.states() == ["pending", "pending"]


async def test_the_process_ends_on_sigterm(
    parts: Parts, redis_url: str, database_file: Path
) -> None:
    settings = Settings.model_validate(
        {
            "redis": {"url": redis_url, **PATIENCE},
            "database": {"url": f"sqlite:///{database_file}"},
            "security": parts.security.model_dump(),
        }
    )
    uuid = await dialled(parts.bus, a_call(hangup=Hook(url="http://127.0.0.1:1/")))
    await parts.bus.live.end(uuid, CANCELLED)
    process = asyncio.create_task(run(settings))

    await until(parts.all_applied)
    os.kill(os.getpid(), signal.SIGTERM)
    async with asyncio.timeout(30):
        await process

    assert len(await parts.records()) == 1
