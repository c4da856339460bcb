"""The service's end of a listening: a WebSocket for each leg that is listened to.

Sound is read while a decode is awaited, so that a worker who is gone is noticed at
once, and its decode given up.
"""

import asyncio
from typing import Final

import structlog
from fastapi import WebSocket, WebSocketDisconnect

from voiceplat.calls.hearing import Heard
from voiceplat.core.errors import SpeechError
from voiceplat.speech import wire
from voiceplat.speech_service.listening import Listener, Means

_NO_SOUND_S: Final = 1.0
"""A leg sends sound all the time; when it does not, who spoke is taken to be done."""

Message = str | bytes | None

log = structlog.get_logger()


class Attention:
    """Listens to as many legs as ask for it."""

    def __init__(self, means: Means | None) -> None:
        self._means = means

    async def attend(self, socket: WebSocket) -> None:
        """Serve one worker until it leaves, or until the recogniser fails."""
        await socket.accept()
        try:
            async with self._listener(socket, await socket.receive_text()) as listener:
                await socket.send_text(wire.READY)
                await _listen(socket, listener)
        except SpeechError as error:
            await _refuse(socket, str(error))
        except WebSocketDisconnect:
            return

    def _listener(self, socket: WebSocket, order: str) -> Listener:
        if self._means is None:
            raise SpeechError(
                "nobody can tell speech from noise: run python -m "
                "voiceplat.speech.models and start the speech service again"
            )
        wanted, rate_hz = wire.read_order(order)

        async def tell(heard: Heard) -> None:
            await socket.send_text(wire.event(heard))

        return Listener(wanted, rate_hz, self._means, tell)


async def _listen(socket: WebSocket, listener: Listener) -> None:
    messages: asyncio.Queue[Message] = asyncio.Queue()
    working = asyncio.create_task(_work(messages, listener))
    reading = asyncio.create_task(_read(socket, messages))
    try:
        await asyncio.wait((working, reading), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (reading, working):
            task.cancel()
        outcomes = await asyncio.gather(working, reading, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


async def _read(socket: WebSocket, messages: asyncio.Queue[Message]) -> None:
    """Until the worker is gone."""
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return
        messages.put_nowait(message.get("bytes") or message.get("text"))


async def _work(messages: asyncio.Queue[Message], listener: Listener) -> None:
    while True:
        try:
            async with asyncio.timeout(_NO_SOUND_S):
                message = await messages.get()
        except TimeoutError:
            await listener.hear_nothing()
            continue
        match message:
            case bytes():
                await listener.hear(message)
            case str():
                listener.prompt_plays(plays=wire.read_prompt_plays(message))
            case None:
                pass


async def _refuse(socket: WebSocket, why: str) -> None:
    log.warning("listening_refused", why=why)
    try:
        await socket.send_text(wire.refusal(why))
        await socket.close()
    except (RuntimeError, WebSocketDisconnect):
        return  # the worker did not wait for it
