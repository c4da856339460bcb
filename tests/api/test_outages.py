"""Redis or the database is away: refused before anything happened, never after."""

import asyncio
from pathlib import Path

import pytest
from typing_extensions import override

from tests.api.conftest import Client, Server
from tests.api.test_make_call import ORDER
from tests.servers.redis import RedisServer
from voiceplat.bus import keys
from voiceplat.bus.connection import Asked
from voiceplat.bus.live import NO_LIMIT
from voiceplat.bus.queue import Queue
from voiceplat.calls.call import Call
from voiceplat.core.errors import Unavailable
from voiceplat.core.ids import AppId
from voiceplat.db.repositories import ApplicationRepository
from voiceplat.db.repositories.scope import Scope
from voiceplat.services.sync_directory import changed

pytestmark = [pytest.mark.redis, pytest.mark.fault]


async def until_ready(api: Client) -> None:
    async with asyncio.timeout(10):
        while (await api.get("http://api/readyz")).status_code != 200:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_nothing_is_changed_or_called_while_redis_is_away(
    redis: RedisServer, server: Server, api: Client
) -> None:
    redis.kill()

    call = await api.post("Call/", json=ORDER)
    app = await api.post("Application/", json={"app_name": "a"})
    hang_up = await api.delete("Call/")

    for answer in (call, app, hang_up):
        assert answer.status_code == 503
        assert answer.json()["error"] == "Redis is not reachable, try again"
        assert answer.headers["Retry-After"] == "1"
    redis.start()
    await until_ready(api)
    assert (await api.get("Application/")).json()["objects"] == []
    assert await server.bus.queue.depth(server.main.auth_id) == 0


async def test_records_can_be_read_while_redis_is_away(
    redis: RedisServer, api: Client
) -> None:
    redis.kill()

    assert (await api.get("Call/")).status_code == 200
    assert (await api.get("Application/")).status_code == 200
    assert (await api.get("Call/?status=live")).status_code == 503
    assert (await api.get("http://api/readyz")).status_code == 503
    assert (await api.get("http://api/healthz")).status_code == 200


def put_away(folder: Path) -> None:
    for file in folder.glob("voiceplat.db*"):
        file.rename(file.with_name("away-" + file.name))
    (folder / "voiceplat.db").mkdir()


async def test_no_call_is_placed_while_the_database_is_away(
    server: Server, api: Client, tmp_path: Path
) -> None:
    put_away(tmp_path)
    await server.db._engine.dispose()

    answer = await api.post("Call/", json=ORDER)
    ready = await api.get("http://api/readyz")

    assert answer.status_code == 503
    assert answer.json()["error"] == "the database is not reachable, try again"
    assert ready.status_code == 503
    calls = await server.bus.live.list(
        server.main.auth_id, status="queued", limit=NO_LIMIT
    )
    assert calls == []


class FailingQueue(Queue):
    """Loses the answers, or the way to Redis, from a certain call on."""

    def __init__(self, server: Server) -> None:
        super().__init__(server.bus._wire)
        self.lost_answers = 0
        self.lost_from: int | None = None
        self.dispatch_fails = False
        self._asked = 0

    @override
    async def place(self, call: Call, calls_per_second: float) -> bool:
        self._asked += 1
        if self.lost_from is not None and self._asked >= self.lost_from:
            raise Unavailable("Redis")
        accepted = await super().place(call, calls_per_second)
        if self.lost_answers:
            self.lost_answers -= 1
            raise Unavailable("Redis", "the answer was lost")
        return accepted

    @override
    def _dispatching(self, wake: str) -> Asked:
        asked = super()._dispatching(wake)
        if not self.dispatch_fails:
            return asked
        return asked._replace(keys=[keys.EVENTS, *asked.keys[1:]])  # no sorted set


@pytest.fixture
def queue(server: Server) -> FailingQueue:
    server.bus.queue = FailingQueue(server)
    return server.bus.queue


async def test_a_call_whose_acceptance_was_not_heard_is_placed_once(
    queue: FailingQueue, server: Server, api: Client
) -> None:
    queue.lost_answers = 1

    answer = await api.post("Call/", json=ORDER)

    assert answer.status_code == 201
    assert await queue.depth(server.main.auth_id) == 1


@pytest.mark.checklist(4)
async def test_a_call_that_was_accepted_is_never_answered_with_5xx(
    queue: FailingQueue, server: Server, api: Client
) -> None:
    queue.dispatch_fails = True

    answer = await api.post("Call/", json=ORDER)

    assert answer.status_code == 201
    assert await queue.depth(server.main.auth_id) == 1


async def test_a_bulk_that_is_cut_short_says_what_was_accepted_and_what_was_not(
    queue: FailingQueue, server: Server, api: Client
) -> None:
    queue.lost_from = 3
    to = "14155550101<14155550102<14155550103<14155550104"

    answer = await api.post("Call/", json=ORDER | {"to": to})

    assert answer.status_code == 201
    assert len(answer.json()["request_uuid"]) == 2
    assert answer.json()["not_accepted"] == ["14155550103", "14155550104"]
    assert await queue.depth(server.main.auth_id) == 2


async def test_a_result_that_cannot_be_told_later_is_told_at_once(
    server: Server, api: Client, redis: RedisServer
) -> None:
    class Deaf:
        async def notify(self, *_: object) -> None:
            raise Unavailable("Redis")

    server.bus.events = Deaf()  # type: ignore[assignment]

    answer = await api.post("Call/", json=ORDER | {"callback_url": "http://a.example"})

    assert answer.status_code == 201
    assert answer.json()["message"] == "call queued"


async def test_a_change_that_the_directory_could_not_hear_is_told_later(
    redis: RedisServer, server: Server, api: Client
) -> None:
    made = (await api.post("Application/", json={"app_name": "a"})).json()
    redis.kill()
    async with server.db.transaction() as tx:
        found = await ApplicationRepository(tx).get(
            made["app_id"], Scope(server.main.auth_id)
        )
        assert found is not None
        found.answer_url = "https://app.example/new"
    await server.platform.directory.tell(*changed("app", made["app_id"]))
    redis.start()

    async with asyncio.timeout(10):
        while True:
            try:
                entry = await server.bus.directory.app(AppId(made["app_id"]))
            except Unavailable:
                entry = None
            if entry is not None and entry.answer is not None:
                break
            await asyncio.sleep(0.05)
    assert entry.answer.url == "https://app.example/new"


async def test_a_redis_that_came_back_empty_is_filled_again(
    redis: RedisServer, server: Server, api: Client
) -> None:
    made = (await api.post("Application/", json={"app_name": "a"})).json()

    redis.flush()
    await until_ready(api)

    assert await server.bus.directory.app(made["app_id"]) is not None
    assert await server.bus.directory.account(server.sub.auth_id) is not None
