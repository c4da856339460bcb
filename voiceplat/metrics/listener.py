"""`/metrics`, `/healthz` and `/readyz` of one process, on a port of their own.

The platform never depends on it: a port that somebody else has, perhaps an earlier
process that drains, is tried again and again while the process does its work.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, NamedTuple

import h11
import structlog
from prometheus_client.exposition import choose_encoder

from voiceplat.core.errors import VoiceplatError
from voiceplat.core.metrics_settings import MetricsSettings
from voiceplat.metrics.figures import Figures

log = structlog.get_logger()

AGAIN_AFTER_S: Final = 5.0
ANSWERED_WITHIN_S: Final = 5.0
READ_BYTES: Final = 4096
REQUEST_BYTES_MAX: Final = 16384

Check = Callable[[], Awaitable[object]]
"""Raises a VoiceplatError or OSError that says why not."""


async def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Insight:
    """What a process lets be seen of it."""

    figures: Figures
    needs: Mapping[str, Check]
    """By part; it is ready when all of them pass."""
    look: Check = _nothing
    """Brings figures up to date that are only known when somebody asks."""


class Answer(NamedTuple):
    status: int
    content_type: str
    body: bytes


@asynccontextmanager
async def shown(
    insight: Insight, settings: MetricsSettings, port: int
) -> AsyncIterator[None]:
    """Answer while inside; nothing is answered with port 0."""
    if not port:
        yield
        return
    window = Window(insight, settings.check_timeout_ms / 1000)
    serving = asyncio.create_task(_serve(window, settings.host, port))
    try:
        yield
    finally:
        serving.cancel()
        await asyncio.wait({serving})


async def _serve(window: "Window", host: str, port: int) -> None:
    while True:
        try:
            server = await asyncio.start_server(
                window.attend, host, port, limit=REQUEST_BYTES_MAX
            )
        except OSError as error:
            log.warning("metrics_not_served", host=host, port=port, why=str(error))
            await asyncio.sleep(AGAIN_AFTER_S)
        else:
            async with server:
                await server.serve_forever()


class Window:
    """Answers each connection once."""

    def __init__(self, insight: Insight, check_within_s: float) -> None:
        self._insight = insight
        self._check_within_s = check_within_s

    async def attend(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        connection = h11.Connection(
            h11.SERVER, max_incomplete_event_size=REQUEST_BYTES_MAX
        )
        try:
            async with asyncio.timeout(ANSWERED_WITHIN_S):
                if (request := await _request(connection, reader)) is not None:
                    answer = await self._answer(request)
                    writer.write(_bytes(connection, answer))
                    await writer.drain()
        except h11.RemoteProtocolError as error:
            with suppress(OSError, h11.LocalProtocolError):
                writer.write(_bytes(connection, _text(error.error_status_hint, "")))
        except (OSError, TimeoutError) as error:
            log.info("metrics_not_told", why=str(error) or type(error).__name__)
        finally:
            writer.close()

    async def _answer(self, request: h11.Request) -> Answer:
        path = request.target.decode("ascii", errors="replace").partition("?")[0]
        if request.method != b"GET":
            return _text(HTTPStatus.METHOD_NOT_ALLOWED, "only GET\n")
        match path:
            case "/metrics":
                return await self._metrics(request)
            case "/healthz":
                return _json(HTTPStatus.OK, {"status": "ok"})
            case "/readyz":
                return await self._readiness()
            case _:
                known = "/metrics, /healthz and /readyz are here\n"
                return _text(HTTPStatus.NOT_FOUND, known)

    async def _metrics(self, request: h11.Request) -> Answer:
        await self._wanting()
        try:
            async with asyncio.timeout(self._check_within_s):
                await self._insight.look()
        except (VoiceplatError, OSError) as error:  # a timeout is an OSError
            log.info("figures_are_old", why=str(error) or "it took too long")
        except Exception:  # the other figures are told all the same
            log.exception("figures_are_old")
        accept = dict(request.headers).get(b"accept", b"")
        encode, content_type = choose_encoder(accept.decode("latin-1"))
        body = await asyncio.to_thread(encode, self._insight.figures.registry)
        return Answer(HTTPStatus.OK, content_type, body)

    async def _readiness(self) -> Answer:
        if wanting := await self._wanting():
            why = "; ".join(f"{part}: {words}" for part, words in wanting.items())
            facts = {"status": "unavailable", "why": why}
            return _json(HTTPStatus.SERVICE_UNAVAILABLE, facts)
        return _json(HTTPStatus.OK, {"status": "ready"})

    async def _wanting(self) -> dict[str, str]:
        """The parts that are needed and away, with why; noted in the figures."""
        needs = self._insight.needs
        told = await asyncio.gather(*(self._why_not(check) for check in needs.values()))
        for part, why in zip(needs, told, strict=True):
            self._insight.figures.dependency_up.labels(part).set(not why)
        return {part: why for part, why in zip(needs, told, strict=True) if why}

    async def _why_not(self, check: Check) -> str:
        try:
            async with asyncio.timeout(self._check_within_s):
                await check()
        except TimeoutError:
            return f"no answer within {self._check_within_s:g} s"
        except (VoiceplatError, OSError) as error:
            return str(error) or type(error).__name__
        except Exception as error:  # who asks must hear of it, too
            log.exception("check_failed")
            return type(error).__name__
        return ""


async def _request(
    connection: h11.Connection, reader: asyncio.StreamReader
) -> h11.Request | None:
    """Whole; None when whoever connected has left."""
    request: h11.Request | None = None
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(READ_BYTES))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.EndOfMessage):
            return request
        elif isinstance(event, h11.ConnectionClosed):
            return None


def _bytes(connection: h11.Connection, answer: Answer) -> bytes:
    head = h11.Response(
        status_code=answer.status,
        headers=[
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            ("Connection", "close"),
        ],
    )
    parts = (head, h11.Data(data=answer.body), h11.EndOfMessage())
    return b"".join(connection.send(part) or b"" for part in parts)


def _text(status: int, words: str) -> Answer:
    return Answer(status, "text/plain; charset=utf-8", words.encode())


def _json(status: int, facts: Mapping[str, str]) -> Answer:
    return Answer(status, "application/json", json.dumps(facts).encode())
