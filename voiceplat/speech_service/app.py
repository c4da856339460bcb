"""The process `voiceplat speech`: one per host, engines loaded once, a unix socket.

Only the platform's own user may connect to the socket. SIGTERM lets the requests that
run end first.
"""

import asyncio
import os
import signal
import socket
from collections.abc import Generator, Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
import uvicorn
from fastapi import FastAPI, Request, WebSocket
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from typing_extensions import override

from voiceplat.calls.script import Script
from voiceplat.core.errors import MediaError, SpeechError, Unavailable
from voiceplat.core.settings import Settings, SpeechSettings
from voiceplat.metrics.listener import Insight, shown
from voiceplat.metrics.speech import SpeechFigures
from voiceplat.speech import wire
from voiceplat.speech.audio import read_for_recognition
from voiceplat.speech.engine import Recognition, Spoken
from voiceplat.speech.transcript import Transcript
from voiceplat.speech_service.decoding import Decoders
from voiceplat.speech_service.engines import Installed, load_engines, load_spare
from voiceplat.speech_service.fetching import Fetcher
from voiceplat.speech_service.listen_route import Attention
from voiceplat.speech_service.listening import Means
from voiceplat.speech_service.recognising import Recognisers
from voiceplat.speech_service.shelf import Shelf
from voiceplat.speech_service.speaking import Speaking
from voiceplat.speech_service.transcribe_route import Dictation
from voiceplat.speech_service.transcribing import Transcriber

_KEEP_ALIVE_S: Final = 75
"""Longer than the clients keep a connection, so that it is they who close."""

_DRAIN_S: Final = 10
_BACKLOG: Final = 512

log = structlog.get_logger()


class SpeakOrder(BaseModel):
    script: Script
    voice: str
    language: str


class FetchOrder(BaseModel):
    url: str


class RecogniseOrder(BaseModel):
    path: Path
    language: str


class Recognised(BaseModel):
    text: str
    confidence: float
    no_speech_prob: float


class Prepared(BaseModel):
    path: Path


class Health(BaseModel):
    status: str
    engines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    speaking: Speaking
    fetcher: Fetcher
    recognisers: Recognisers
    attention: Attention
    dictation: Dictation
    voices: tuple[str, ...]
    """Names of the engines that speak."""
    spare: tuple[Installed, ...]


async def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT.

    Raises SpeechError when there is no voice, Unavailable when there is no socket.
    """
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(_listener(settings.speech.socket))
        figures = SpeechFigures()
        parts = await _parts(settings, stack, figures)
        app = create_app(parts)
        server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_keep_alive=_KEEP_ALIVE_S,
                timeout_graceful_shutdown=_DRAIN_S,
                backlog=_BACKLOG,
                ws="websockets-sansio",
                ws_per_message_deflate=False,
                ws_ping_interval=None,
            )
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, server.stop)
        seen = Insight(figures, needs={})  # its engines are loaded by now
        port = settings.metrics.speech_port
        await stack.enter_async_context(shown(seen, settings.metrics, port))
        log.info("speech_ready", socket=str(settings.speech.socket))
        async with asyncio.TaskGroup() as tasks:
            more = tasks.create_task(_load_spare(parts, settings.speech))
            await server.serve(sockets=[listener])
            more.cancel()


async def _load_spare(parts: Parts, settings: SpeechSettings) -> None:
    for info, engine in parts.spare:
        if loaded := await asyncio.to_thread(load_spare, info, engine, settings):
            parts.recognisers.add(info, loaded)


async def _parts(
    settings: Settings, stack: AsyncExitStack, figures: SpeechFigures
) -> Parts:
    engines = await asyncio.to_thread(load_engines, settings.speech)
    shelf = Shelf(settings.cache_dir.absolute(), settings.play.cache_max_bytes)
    await asyncio.to_thread(shelf.open)
    figures.cache.set_function(lambda: shelf.bytes)
    rate_hz = settings.media.clock_rate_hz
    decoders = await stack.enter_async_context(Decoders(settings.play, rate_hz))
    recognisers = stack.enter_context(
        Recognisers(settings.speech, engines.recognisers, figures)
    )
    fetcher = Fetcher(
        settings.play, settings.security, decoders, shelf, rate_hz, figures=figures
    )
    return Parts(
        stack.enter_context(Speaking(settings, engines.synthesizers, shelf, figures)),
        await stack.enter_async_context(fetcher),
        recognisers,
        Attention(
            Means(settings.speech, recognisers, engines.detector, figures)
            if engines.detector
            else None
        ),
        Dictation(
            Transcriber(settings.speech, recognisers, engines.detector)
            if engines.detector
            else None,
            settings.data / "scratch",
        ),
        tuple(engines.synthesizers),
        engines.spare,
    )


def create_app(parts: Parts) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.post("/speak")
    async def speak(order: SpeakOrder) -> Prepared:
        path = await parts.speaking.speak(order.script, order.voice, order.language)
        return Prepared(path=path)

    @app.post("/fetch")
    async def fetch(order: FetchOrder) -> Prepared:
        return Prepared(path=await parts.fetcher.fetch(order.url))

    @app.post("/recognise")
    async def recognise(order: RecogniseOrder) -> Recognised:
        parts.recognisers.require(order.language)
        samples = await asyncio.to_thread(read_for_recognition, order.path)
        said = Spoken(samples, order.language)
        return await parts.recognisers.decode(said, _recognised)

    @app.post("/transcribe")
    async def transcribe(request: Request, language: str) -> Transcript:
        return await parts.dictation.take(request, language)

    @app.websocket(wire.PATH)
    async def listen(socket: WebSocket) -> None:
        await parts.attention.attend(socket)

    @app.get("/healthz")
    async def health() -> Health:
        return Health(status="ok", engines=parts.voices + parts.recognisers.names)

    @app.exception_handler(SpeechError)
    async def speech_error(_: Request, error: SpeechError) -> JSONResponse:
        return JSONResponse({"kind": "speech", "message": str(error)}, 422)

    @app.exception_handler(MediaError)
    async def media_error(_: Request, error: MediaError) -> JSONResponse:
        return JSONResponse({"kind": "media", "message": str(error)}, 422)

    return app


def _recognised(heard: Recognition) -> Recognised:
    return Recognised(
        text=heard.text,
        confidence=heard.confidence,
        no_speech_prob=heard.no_speech_prob,
    )


class _Server(uvicorn.Server):
    """uvicorn raises a caught signal again when it has stopped; we end in order."""

    @override
    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    def stop(self) -> None:
        self.should_exit = True


@contextmanager
def _listener(path: Path) -> Iterator[socket.socket]:
    """A bound unix socket; a file left behind by a dead service is taken over."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        if _is_answered(path):
            raise Unavailable("speech", f"another service answers on {path}")
        path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            listener.bind(str(path))
        except OSError as error:
            raise Unavailable("speech", f"{path}: {error}") from error
        finally:
            os.umask(before)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


def _is_answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
