"""The REST API's process: its application, and how it is served."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Final

import structlog
import uvicorn
from fastapi import APIRouter, Depends, FastAPI
from typing_extensions import override

from voiceplat.api import access_token, console, docs_page, health
from voiceplat.api.console.pages import ConsoleFiles
from voiceplat.api.console.sound import Pictures
from voiceplat.api.console.watch import Watches
from voiceplat.api.errors import add_error_handlers
from voiceplat.api.frame import RequestFrame
from voiceplat.api.impatience import ImpatientProtocol
from voiceplat.api.meter import RequestMeter
from voiceplat.api.openapi import DescribedApi
from voiceplat.api.platform import Platform
from voiceplat.api.resources import (
    account,
    application,
    call,
    conference,
    endpoint,
    number,
    phone_number,
    pricing,
    recording,
    subaccount,
    token,
    transcription,
    trunk,
    verified_caller_id,
)
from voiceplat.api.resources.call import feedback
from voiceplat.api.route import note_callback
from voiceplat.bus.bus import Bus
from voiceplat.core.settings import Settings
from voiceplat.db.engine import Database
from voiceplat.metrics.api import ApiFigures
from voiceplat.metrics.listener import shown
from voiceplat.recordings.store import open_store
from voiceplat.services.sync_directory import Reconciler

log = structlog.get_logger()

_DRAIN_S = 10
FIRST_REQUEST_WITHIN_S: Final = 1.0
"""How long an API that ends waits for the first request of a new connection."""
ACCEPTED_WITHIN_S: Final = 0.02
_RESOURCES = (
    account,
    application,
    call,
    conference,
    endpoint,
    number,
    phone_number,
    pricing,
    recording,
    subaccount,
    token,
    transcription,
    trunk,
    verified_caller_id,
)


def create_app(settings: Settings, figures: ApiFigures | None = None) -> FastAPI:
    """Database and Redis need not be there yet: requests get 503 until they are."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with (
            Database.open(settings.database) as db,
            Bus.connect(settings.redis) as bus,
        ):
            directory = Reconciler(db, bus)
            store = open_store(settings)
            app.state.platform = Platform(settings, db, bus, directory, store)
            keeping = asyncio.create_task(directory.run())
            yield
            keeping.cancel()
            await asyncio.wait({keeping})

    app = DescribedApi(
        title="voiceplat",
        version="1",
        summary="Plivo's Voice REST API, on a server of your own",
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(RequestMeter, figures=figures or ApiFigures())
    app.state.watches, app.state.pictures = Watches(), Pictures()
    app.add_middleware(RequestFrame)
    add_error_handlers(app)
    app.include_router(health.router)
    app.include_router(access_token.router)
    app.include_router(console.router)
    app.mount("/console/static", ConsoleFiles(), name="console")
    app.include_router(recording.media.router, prefix="/v1/Account/{auth_id}")
    app.include_router(docs_page.router)
    app.include_router(feedback.router)
    app.include_router(_resources(), prefix="/v1/Account/{auth_id}")
    return app


def _resources() -> APIRouter:
    routers = APIRouter(dependencies=[Depends(note_callback)])
    for resource in _RESOURCES:
        routers.include_router(resource.router)
    return routers


class _Server(uvicorn.Server):
    """Ends on a signal like our other processes: drained, with status 0.

    uvicorn's own way raises the signal again once it has drained.
    """

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for which in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(which, self._stop)
        yield

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._watches: Watches = app.state.watches

    def _stop(self) -> None:
        log.info("api_drains")
        self._watches.close()  # pages that follow would never end by themselves
        self.should_exit = True

    @override
    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve who is connected already, then end as uvicorn does.

        uvicorn would close connections whose first request is still on its way.
        """
        for server in self.servers:
            server.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_REQUEST_WITHIN_S):
                await asyncio.sleep(ACCEPTED_WITHIN_S)
                while any(map(_is_fresh, self.server_state.connections)):  # noqa: ASYNC110 - of uvicorn's
                    await asyncio.sleep(ACCEPTED_WITHIN_S)
        await super().shutdown(sockets)


def _is_fresh(connection: object) -> bool:
    return isinstance(connection, ImpatientProtocol) and connection.is_fresh


async def run(settings: Settings, *, listen_fd: int | None = None) -> None:
    """Serve until SIGTERM or SIGINT, then let requests that run finish.

    Of a listening socket that was inherited only our own copy is closed then: with
    whoever holds another one, connections wait for the next API.
    """
    given = None if listen_fd is None else [socket.socket(fileno=listen_fd)]
    figures = ApiFigures()
    app = create_app(settings, figures)
    config = uvicorn.Config(
        app,
        host=settings.api.host,
        port=settings.api.port,
        http=ImpatientProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_DRAIN_S,
    )
    log.info("api_starts", host=settings.api.host, port=settings.api.port)
    async with (
        Database.open(settings.database) as db,
        Bus.connect(settings.redis) as bus,
        shown(
            health.insight(figures, db, bus),
            settings.metrics,
            settings.metrics.api_port,
        ),
    ):
        await _Server(config, app).serve(given)
