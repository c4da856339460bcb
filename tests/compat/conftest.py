"""Plivo's own Python SDK, unmodified, against a real server on a free port.

The SDK has no option for another server; its module's addresses are set instead
(plivo-rest 10.3 a). The server runs in a thread of its own, because the SDK blocks.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    contextmanager,
)
from pathlib import Path
from typing import Any, Self, TypeVar

import plivo
import plivo.rest.client
import pytest
import uvicorn

from tests.api.plain_logs import plain_logs
from tests.api.worker import FakeWorker, working
from tests.servers.free_ports import free_port
from tests.servers.redis import PATIENCE, RedisServer
from voiceplat.api.app import create_app
from voiceplat.api.platform import Platform
from voiceplat.bus.bus import Bus
from voiceplat.core.sealing import new_secret_key
from voiceplat.core.settings import Settings
from voiceplat.db.engine import Transaction
from voiceplat.db.migrate import upgrade
from voiceplat.services.open_account import Credentials, open_account

T = TypeVar("T")
ADDRESSES = (
    "PLIVO_API_BASE_URI",
    "API_VOICE_BASE_URI",
    "API_VOICE_BASE_URI_FALLBACK_1",
    "API_VOICE_BASE_URI_FALLBACK_2",
)


class RunningApi:
    """uvicorn in a thread; `do` runs something beside it, in its loop."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._app = create_app(settings)
        port = free_port()
        config = uvicorn.Config(self._app, port=port, log_config=None)
        self._server = uvicorn.Server(config)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self.url = f"http://127.0.0.1:{port}/v1/Account"

    @property
    def platform(self) -> Platform:
        platform: Platform = self._app.state.platform
        return platform

    @property
    def bus(self) -> Bus:
        return self.platform.bus

    def __enter__(self) -> Self:
        self._thread.start()
        self.do(self._ready())
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=20)
        self._loop.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self._soon(work).result(timeout=20)

    def store(self, write: Callable[[Transaction], Coroutine[Any, Any, T]]) -> T:
        async def in_transaction() -> T:
            async with self.platform.db.transaction() as tx:
                return await write(tx)

        return self.do(in_transaction())

    def open_account(self, parent: Credentials | None = None) -> Credentials:
        owner = parent.auth_id if parent else None
        security = self._settings.security
        return self.do(open_account(self.platform.db, security, "acme", parent=owner))

    def working(self) -> AbstractContextManager[FakeWorker]:
        """A call worker that takes calls while the block runs."""
        return self.during(working(self.bus))

    @contextmanager
    def during(self, something: AbstractAsyncContextManager[T]) -> Iterator[T]:
        """It is entered and left in the server's loop."""
        try:
            yield self.do(something.__aenter__())
        finally:
            self.do(something.__aexit__(None, None, None))

    def break_down(self) -> None:
        """Every request fails for a reason that nobody foresaw."""
        self._app.state.platform = None

    def mend(self, platform: Platform) -> None:
        self._app.state.platform = platform

    def _soon(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        await upgrade(self._settings.database)
        await self._server.serve()

    async def _ready(self) -> None:
        async with asyncio.timeout(20):
            while not (  # noqa: ASYNC110
                self._server.started and await self.bus.directory.is_ready()
            ):
                await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def _plain_logs() -> Iterator[None]:
    """Tracebacks without the values of variables, which take long to print."""
    with plain_logs():
        yield


@pytest.fixture
def server(redis: RedisServer, tmp_path: Path) -> Iterator[RunningApi]:
    settings = Settings.model_validate(
        {
            "data": tmp_path,
            "database": {"url": f"sqlite:///{tmp_path}/voiceplat.db"},
            "redis": {"url": redis.url, **PATIENCE},
            "security": {"secret_key": new_secret_key()},
        }
    )
    with RunningApi(settings) as running:
        yield running


@pytest.fixture
def account(server: RunningApi) -> Credentials:
    return server.open_account()


@pytest.fixture
def point_sdk_at(
    server: RunningApi, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Credentials], plivo.RestClient]:
    for name in ADDRESSES:
        monkeypatch.setattr(plivo.rest.client, name, server.url)
    host = server.url.removesuffix("/v1/Account")
    monkeypatch.setattr(plivo.rest.client, "CALLINSIGHTS_BASE_URL", host)

    def client(who: Credentials) -> plivo.RestClient:
        return plivo.RestClient(who.auth_id, who.auth_token)

    return client


@pytest.fixture
def client(
    point_sdk_at: Callable[[Credentials], plivo.RestClient], account: Credentials
) -> Iterator[plivo.RestClient]:
    with point_sdk_at(account) as client:
        yield client
