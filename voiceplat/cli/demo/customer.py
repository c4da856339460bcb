"""The customer's server of the demo: answers with XML, keeps and checks callbacks."""

import asyncio
import io
import socket
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import uvicorn
from fastapi import FastAPI, Request, Response
from plivo.utils import validate_v3_signature

from voiceplat.cli.demo.timeline import Timeline, Who

TONE_HZ: Final = 620
TONE_S: Final = 1.0
SAMPLE_RATE_HZ: Final = 16000


@dataclass(slots=True)
class Customer:
    """`documents` maps a path to the XML that it answers."""

    timeline: Timeline
    documents: dict[str, str]
    auth_token: str = ""
    url: str = ""
    heard: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def wait_for(self, path: str, call_uuid: str) -> dict[str, str]:
        """The fields of the request to `path` about that call, once it has come."""
        async with self._news:
            await self._news.wait_for(lambda: self._find(path, call_uuid) is not None)
        found = self._find(path, call_uuid)
        assert found is not None  # noqa: S101 - the condition has just said so
        return found

    def order(self, call_uuid: str) -> list[str]:
        """The Events told about a call, in the order in which they came."""
        return [
            fields.get("Event", "")
            for _, fields in self.heard
            if fields.get("CallUUID") == call_uuid
        ]

    def _find(self, path: str, call_uuid: str) -> dict[str, str] | None:
        for told, fields in self.heard:
            if told == path and fields.get("CallUUID") == call_uuid:
                return fields
        return None

    async def take(self, request: Request) -> Response:
        path = request.url.path
        if path == "/tone.wav":
            return Response(tone(), media_type="audio/wav")
        fields = {key: str(value) for key, value in (await request.form()).items()}
        signed = validate_v3_signature(
            request.method,
            str(request.url),
            request.headers.get("X-Plivo-Signature-V3-Nonce", ""),
            self.auth_token,
            request.headers.get("X-Plivo-Signature-V3", ""),
            fields,
        )
        self.timeline.line(
            Who.PLATFORM,
            Who.APP,
            f"POST {path}  Event={fields.get('Event')} "
            f"CallStatus={fields.get('CallStatus')}"
            + ("  (signed)" if signed else "  NOT SIGNED"),
        )
        if not signed:
            self.timeline.check(f"{path} is signed", passed=False)
        async with self._news:
            self.heard.append((path, fields))
            self._news.notify_all()
        document = self.documents.get(path, "<Response/>")
        return Response(document, media_type="application/xml")


@asynccontextmanager
async def customer_server(
    timeline: Timeline, documents: dict[str, str]
) -> AsyncIterator[Customer]:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    customer = Customer(timeline, documents, url=f"http://127.0.0.1:{port}")
    app = FastAPI()
    app.add_api_route("/{path:path}", customer.take, methods=["GET", "POST"])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve([listening]))
    try:
        yield customer
    finally:
        server.should_exit = True
        await serving


def tone() -> bytes:
    """A WAV file of one clear tone."""
    time = np.arange(int(TONE_S * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    samples = (0.4 * 32767 * np.sin(2 * np.pi * TONE_HZ * time)).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE_HZ)
        out.writeframes(samples.tobytes())
    return file.getvalue()
