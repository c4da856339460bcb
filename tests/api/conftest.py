"""The REST API in this process, on a real Redis and a migrated SQLite file."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tests.api.plain_logs import plain_logs
from tests.servers.redis import PATIENCE, RedisServer
from voiceplat.api.app import create_app
from voiceplat.api.platform import Platform
from voiceplat.bus.bus import Bus
from voiceplat.core.sealing import new_secret_key
from voiceplat.core.settings import Settings
from voiceplat.db.engine import Database
from voiceplat.db.migrate import upgrade
from voiceplat.services.open_account import Credentials, open_account


@dataclass(frozen=True, slots=True)
class Server:
    """The running application, and the accounts that it was given."""

    app: FastAPI
    settings: Settings
    main: Credentials
    sub: Credentials
    stranger: Credentials

    @property
    def platform(self) -> Platform:
        platform: Platform = self.app.state.platform
        return platform

    @property
    def bus(self) -> Bus:
        return self.platform.bus

    @property
    def db(self) -> Database:
        return self.platform.db

    def client(self, who: Credentials, path_of: Credentials | None = None) -> "Client":
        return Client(self.app, who, path_of or who)


class Client(httpx.AsyncClient):
    """Speaks for one account; paths begin behind `/v1/Account/{auth_id}/`."""

    def __init__(self, app: FastAPI, who: Credentials, path_of: Credentials) -> None:
        super().__init__(
            transport=httpx.ASGITransport(app),
            base_url=f"http://api/v1/Account/{path_of.auth_id}/",
            auth=(who.auth_id, who.auth_token),
        )


@pytest.fixture(autouse=True)
def _plain_logs() -> Iterator[None]:
    """Tracebacks without the values of variables, which take long to print."""
    with plain_logs():
        yield


@pytest.fixture
def settings(redis: RedisServer, tmp_path: Path) -> Settings:
    return Settings.model_validate(
        {
            "data": tmp_path,
            "database": {"url": f"sqlite+aiosqlite:///{tmp_path}/voiceplat.db"},
            "redis": {"url": redis.url, **PATIENCE},
            "security": {"secret_key": new_secret_key()},
            "api": {"command_timeout_ms": 500},
        }
    )


@pytest.fixture
async def server(settings: Settings) -> AsyncIterator[Server]:
    async with serving(settings) as server:
        yield server


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Server]:
    await upgrade(settings.database)
    security = settings.security
    async with Database.open(settings.database) as db:
        main = await open_account(db, security, "main")
        sub = await open_account(db, security, "sub", parent=main.auth_id)
        stranger = await open_account(db, security, "stranger")
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        server = Server(app, settings, main, sub, stranger)
        async with asyncio.timeout(10):
            while not await server.bus.directory.is_ready():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        yield server


@pytest.fixture
async def api(server: Server) -> AsyncIterator[Client]:
    async with server.client(server.main) as client:
        yield client
