"""The process: its socket, its end, and what it does without a recogniser."""

import asyncio
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.servers.speech import speech_service
from tests.speech.conftest import client_settings
from tests.speech.sounds import listen
from voiceplat.calls.script import plain
from voiceplat.core.errors import SpeechError, Unavailable
from voiceplat.speech.client import SpeechClient
from voiceplat.speech_service.app import run

pytestmark = pytest.mark.real_time


async def test_requests_that_run_are_answered_after_sigterm(tmp_path: Path) -> None:
    without_ears = {"VOICEPLAT_SPEECH__MODELS": str(tmp_path)}
    with speech_service(tmp_path, **without_ears) as path:
        async with SpeechClient(client_settings(tmp_path, path)) as client:
            with pytest.raises(
                SpeechError, match=r"python -m voiceplat\.speech\.models"
            ):
                await client.recognise(tmp_path / "a.wav")
            speaking = asyncio.create_task(
                client.speak(
                    plain("A long sentence. " * 60), voice="WOMAN", language="en-US"
                )
            )
            await asyncio.sleep(0.1)

            service = _process(tmp_path)
            os.kill(service, signal.SIGTERM)

            assert listen(await speaking).seconds > 50
        await asyncio.to_thread(_wait_for_the_end_of, service)
    assert not path.exists()


async def test_a_second_service_does_not_take_the_socket(tmp_path: Path) -> None:
    path = tmp_path / "speech.sock"
    with socket.socket(socket.AF_UNIX) as first:
        first.bind(str(path))
        first.listen()

        with pytest.raises(Unavailable, match="another service answers on"):
            await run(client_settings(tmp_path, path))

    assert path.exists()


async def test_a_socket_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="too long"):
        await run(client_settings(tmp_path, tmp_path / ("x" * 120)))


def _wait_for_the_end_of(process: int) -> None:
    deadline = time.monotonic() + 10
    while ") Z " not in Path(f"/proc/{process}/stat").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _process(tmp: Path) -> int:
    """The service that works in the folder."""
    tasks = Path("/proc/self/task").glob("*/children")
    children = (int(pid) for task in tasks for pid in task.read_text().split())
    (found,) = (pid for pid in children if Path(f"/proc/{pid}/cwd").resolve() == tmp)
    return found
