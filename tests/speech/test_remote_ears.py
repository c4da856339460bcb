"""The worker's end of a listening, against services that do well and badly."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from websockets.asyncio.server import ServerConnection, unix_serve

from voiceplat.calls.hearing import SpeechStarted, SpeechWanted, Understood
from voiceplat.core.errors import SpeechError
from voiceplat.core.settings import SpeechSettings
from voiceplat.speech import wire
from voiceplat.speech.remote_ears import listening

pytestmark = pytest.mark.real_time

FRAME = bytes(320)
WITHIN_S = 30


@asynccontextmanager
async def service(
    folder: Path, serve: Callable[[ServerConnection], Awaitable[None]]
) -> AsyncIterator[SpeechSettings]:
    path = folder / "speech.sock"
    async with unix_serve(serve, str(path), compression=None, close_timeout=0.1):
        yield SpeechSettings(socket=path, unheard_max_ms=200, request_timeout_s=5)


async def test_sound_goes_and_what_is_heard_comes(tmp_path: Path) -> None:
    got: list[str | bytes] = []

    async def serve(worker: ServerConnection) -> None:
        got.append(await worker.recv())
        await worker.send(wire.READY)
        while len(b"".join(it for it in got if isinstance(it, bytes))) < 640:
            got.append(await worker.recv())
        await worker.send(wire.event(SpeechStarted()))
        await worker.send(wire.event(Understood("sales", 0.9)))
        await worker.wait_closed()

    wanted = SpeechWanted(hints=("sales",))
    async with (
        asyncio.timeout(WITHIN_S),
        service(tmp_path, serve) as settings,
        listening(settings, wanted, 8000) as ears,
    ):
        ears.prompt_plays(plays=True)
        ears.hear(FRAME)
        ears.hear(FRAME)
        heard = [await ears.next_heard(), await ears.next_heard()]

    assert heard == [SpeechStarted(), Understood("sales", 0.9)]
    assert json.loads(got[0])["wanted"]["hints"] == ["sales"]
    assert json.loads(got[1]) == {"prompt_plays": True}


async def test_what_a_busy_service_does_not_take_is_lost_oldest_first(
    tmp_path: Path,
) -> None:
    got = asyncio.Queue[str | bytes]()

    async def serve(worker: ServerConnection) -> None:
        await worker.recv()
        await worker.send(wire.READY)
        async for message in worker:
            got.put_nowait(message)

    async with asyncio.timeout(WITHIN_S), service(tmp_path, serve) as settings:
        with capture_logs() as logs:
            async with listening(settings, SpeechWanted(), 8000) as ears:
                for number in range(15):  # without a moment for anybody to take them
                    ears.hear(bytes([number]) * 320)
                sound = await got.get()

    assert sound == b"".join(bytes([number]) * 320 for number in range(5, 15))
    assert logs == [
        {"event": "sound_not_listened_to", "ms": 100, "log_level": "warning"}
    ]


async def test_a_service_that_dies_meanwhile_is_said(tmp_path: Path) -> None:
    async def serve(worker: ServerConnection) -> None:
        await worker.recv()
        await worker.send(wire.READY)
        await worker.recv()
        worker.transport.abort()

    async with (
        asyncio.timeout(WITHIN_S),
        service(tmp_path, serve) as settings,
        listening(settings, SpeechWanted(), 8000) as ears,
    ):
        ears.hear(FRAME)
        with pytest.raises(SpeechError, match="went away"):
            await ears.next_heard()
        ears.hear(FRAME)  # nobody takes it, and nothing happens


async def test_a_recogniser_that_fails_meanwhile_says_why(tmp_path: Path) -> None:
    async def serve(worker: ServerConnection) -> None:
        await worker.recv()
        await worker.send(wire.READY)
        await worker.send(wire.refusal("it broke"))

    async with (
        asyncio.timeout(WITHIN_S),
        service(tmp_path, serve) as settings,
        listening(settings, SpeechWanted(), 8000) as ears,
    ):
        with pytest.raises(SpeechError, match="it broke"):
            await ears.next_heard()


async def test_a_refusal_is_said_on_entering(tmp_path: Path) -> None:
    async def serve(worker: ServerConnection) -> None:
        await worker.recv()
        await worker.send(wire.refusal("no recogniser understands tlh"))

    async with asyncio.timeout(WITHIN_S), service(tmp_path, serve) as settings:
        with pytest.raises(SpeechError, match="understands tlh"):
            await enter(settings)


async def test_a_service_that_is_away_is_said_on_entering(tmp_path: Path) -> None:
    settings = SpeechSettings(socket=tmp_path / "none.sock")

    with pytest.raises(SpeechError, match=r"none\.sock does not listen"):
        await enter(settings)


async def test_a_service_that_dies_on_entering_is_said(tmp_path: Path) -> None:
    async def serve(worker: ServerConnection) -> None:
        await worker.recv()
        worker.transport.abort()

    async with asyncio.timeout(WITHIN_S), service(tmp_path, serve) as settings:
        with pytest.raises(SpeechError, match="went away"):
            await enter(settings)


async def test_waiting_can_be_given_up_and_nothing_is_missed(tmp_path: Path) -> None:
    async def serve(worker: ServerConnection) -> None:
        await worker.recv()
        await worker.send(wire.READY)
        await worker.recv()
        await worker.send(wire.event(Understood("sales", 0.9)))
        await worker.wait_closed()

    async with (
        asyncio.timeout(WITHIN_S),
        service(tmp_path, serve) as settings,
        listening(settings, SpeechWanted(), 8000) as ears,
    ):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await ears.next_heard()
        ears.hear(FRAME)

        assert await ears.next_heard() == Understood("sales", 0.9)


async def enter(settings: SpeechSettings) -> None:
    async with listening(settings, SpeechWanted(), 8000):
        raise AssertionError
