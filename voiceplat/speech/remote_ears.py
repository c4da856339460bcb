"""A call worker's end of a listening: sound goes to the speech service, events come.

The sound is handed over by a task of its own, so that `hear` costs next to nothing and
never waits: when the service is busy, what has gathered goes in one message, and what
is older than `speech.unheard_max_ms` is lost and counted.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog
from typing_extensions import override
from websockets.asyncio.client import ClientConnection, unix_connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from voiceplat.calls.hearing import Heard, Listening, SpeechWanted
from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import SpeechSettings
from voiceplat.speech import wire

_FRAME_MS: Final = 20

log = structlog.get_logger()


@asynccontextmanager
async def listening(
    settings: SpeechSettings, wanted: SpeechWanted, rate_hz: int
) -> AsyncIterator[Listening]:
    """A recogniser at work. Raises SpeechError when there is none for this."""
    connection = await _connected(settings)
    remote = RemoteListening(connection, settings.unheard_max_ms)
    try:
        await _agree(connection, wire.order(wanted, rate_hz), settings)
        sending = asyncio.create_task(remote.send())
        try:
            yield remote
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
    finally:
        connection.transport.abort()  # who is done does not wait for a busy service
        await connection.wait_closed()
        if remote.lost:
            log.warning("sound_not_listened_to", ms=remote.lost * _FRAME_MS)


class RemoteListening(Listening):
    def __init__(self, connection: ClientConnection, unheard_max_ms: int) -> None:
        self.lost = 0
        """Frames that the service was too slow for."""
        self._connection = connection
        self._frames: deque[bytes] = deque(maxlen=max(1, unheard_max_ms // _FRAME_MS))
        self._prompt: bool | None = None
        """What has changed and is not said yet."""
        self._news = asyncio.Event()

    @override
    def hear(self, frame: bytes) -> None:
        if len(self._frames) == self._frames.maxlen:
            self.lost += 1
        self._frames.append(frame)
        self._news.set()

    @override
    def prompt_plays(self, *, plays: bool) -> None:
        self._prompt = plays
        self._news.set()

    @override
    async def next_heard(self) -> Heard:
        while True:
            try:
                text = await self._connection.recv()
            except ConnectionClosed as error:
                raise SpeechError("the speech service went away") from error
            if heard := wire.read_event(text):
                return heard

    async def send(self) -> None:
        """Until cancelled, or nobody takes it; `next_heard` says so then."""
        with suppress(ConnectionClosed):
            while True:
                await self._news.wait()
                self._news.clear()
                if self._prompt is not None:
                    plays, self._prompt = self._prompt, None
                    await self._connection.send(wire.prompt_plays(plays=plays))
                if self._frames:
                    sound = b"".join(self._frames)
                    self._frames.clear()
                    await self._connection.send(sound)


async def _connected(settings: SpeechSettings) -> ClientConnection:
    try:
        return await unix_connect(
            str(settings.socket),
            f"ws://speech{wire.PATH}",
            compression=None,
            ping_interval=None,
            proxy=None,
            open_timeout=settings.request_timeout_s,
        )
    except (OSError, WebSocketException) as error:
        raise SpeechError(
            f"the speech service at {settings.socket} does not listen "
            f"({type(error).__name__}): is `voiceplat speech` running?"
        ) from error


async def _agree(
    connection: ClientConnection, order: str, settings: SpeechSettings
) -> None:
    """Say what is wanted. Raises SpeechError when the service refuses."""
    try:
        async with asyncio.timeout(settings.request_timeout_s):
            await connection.send(order)
            wire.read_event(await connection.recv())
    except (ConnectionClosed, TimeoutError) as error:
        raise SpeechError("the speech service went away") from error
