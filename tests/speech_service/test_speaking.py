"""Who speaks when the natural voice takes its time."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import numpy as np
import pytest
from typing_extensions import override

from tests.speech.sounds import listen
from voiceplat.calls.script import plain
from voiceplat.calls.voices import Gender
from voiceplat.core.settings import Settings, SpeechSettings
from voiceplat.speech.engine import (
    Sound,
    Synthesizer,
    SynthesizerInfo,
    Utterance,
    Voice,
)
from voiceplat.speech_service.shelf import Shelf
from voiceplat.speech_service.speaking import Speaking

pytestmark = pytest.mark.real_time

VOICE = Voice("anna", "es-ES", Gender.WOMAN)
QUICK = SynthesizerInfo("robot", "1", (VOICE,), streaming=False, preference=1)
SLOW = SynthesizerInfo(
    "natural", "1", (VOICE,), streaming=False, preference=2, slow=True
)
QUICK_HZ, SLOW_HZ = 300, 900


class Hum(Synthesizer):
    """Hums for a second, when it may."""

    def __init__(self, hz: float) -> None:
        self.may = threading.Event()
        self.said: list[str] = []
        self._hz = hz

    @classmethod
    @override
    def describe(cls) -> SynthesizerInfo | None:
        return None

    @classmethod
    @override
    def load(cls, settings: SpeechSettings) -> Self:
        return cls(QUICK_HZ)

    @override
    def say(self, utterance: Utterance) -> Iterator[Sound]:
        assert self.may.wait(60)
        self.said.append(utterance.text)
        moments = np.arange(8000) / 8000
        tone = 0.5 * np.sin(2 * np.pi * self._hz * moments)
        yield Sound(tone.astype(np.float32), 8000)


class Service:
    def __init__(self, folder: Path, *, wait_ms: int = 60000, queue: int = 4) -> None:
        self.natural, self.robot = Hum(SLOW_HZ), Hum(QUICK_HZ)
        self.robot.may.set()
        settings = Settings(
            data=folder,
            speech=SpeechSettings(slow_voice_wait_ms=wait_ms, slow_voice_queue=queue),
        )
        shelf = Shelf(settings.cache_dir, settings.play.cache_max_bytes)
        shelf.open()
        engines = {"natural": (SLOW, self.natural), "robot": (QUICK, self.robot)}
        self.speaking = Speaking(settings, engines, shelf)

    async def heard(self, text: str) -> int:
        """The tone of it, which says who spoke."""
        path = await self.speaking.speak(plain(text), "WOMAN", "es-ES")
        return round(listen(path).loudest_hz)


async def test_a_natural_voice_that_is_in_time_is_heard(tmp_path: Path) -> None:
    service = Service(tmp_path)
    service.natural.may.set()
    with service.speaking:
        assert await service.heard("hola") == SLOW_HZ


async def test_one_that_takes_too_long_is_stood_in_for_and_heard_next_time(
    tmp_path: Path,
) -> None:
    service = Service(tmp_path, wait_ms=50)
    with service.speaking:
        assert await service.heard("hola") == QUICK_HZ

        service.natural.may.set()
        while await service.heard("hola") != SLOW_HZ:  # noqa: ASYNC110 - a thread's
            await asyncio.sleep(0.01)

    assert service.natural.said == ["hola"]


async def test_who_would_wait_behind_too_many_does_not_wait(tmp_path: Path) -> None:
    service = Service(tmp_path, queue=1)
    with service.speaking:
        first = asyncio.create_task(service.heard("uno"))
        await asyncio.sleep(0.05)

        second = await service.heard("dos")

        service.natural.may.set()
        assert second == QUICK_HZ
        assert await first == SLOW_HZ
    assert service.natural.said == ["uno"]


async def test_nobody_else_waits_for_a_slow_voice(tmp_path: Path) -> None:
    service = Service(tmp_path)
    english = Voice("otto", "en-US", Gender.MAN)
    info = SynthesizerInfo("third", "1", (english,), streaming=False, preference=1)
    third = Hum(500)
    third.may.set()
    service.speaking = _with(service, tmp_path, info, third)
    with service.speaking:
        waiting = [asyncio.create_task(service.heard(text)) for text in "abc"]
        await asyncio.sleep(0.05)

        path = await service.speaking.speak(plain("hello"), "MAN", "en-US")

        assert round(listen(path).loudest_hz) == 500
        assert not any(task.done() for task in waiting)
        service.natural.may.set()
        await asyncio.gather(*waiting)


def _with(
    service: Service, folder: Path, info: SynthesizerInfo, engine: Hum
) -> Speaking:
    settings = Settings(data=folder)
    engines = {
        "natural": (SLOW, service.natural),
        "robot": (QUICK, service.robot),
        "third": (info, engine),
    }
    shelf = Shelf(settings.cache_dir, settings.play.cache_max_bytes)
    speech = SpeechSettings(slow_voice_wait_ms=60000)
    return Speaking(settings.model_copy(update={"speech": speech}), engines, shelf)
