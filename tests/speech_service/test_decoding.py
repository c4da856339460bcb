"""The decoders' children: what befalls one befalls one order."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.speech.sounds import listen, tone, wav
from voiceplat.core.errors import MediaError
from voiceplat.core.settings import PlaySettings
from voiceplat.speech_service.decoding import Decoders

pytestmark = pytest.mark.real_time


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(wav(tone(440, 1), 8000))
    return path


def children() -> set[int]:
    tasks = Path("/proc/self/task").glob("*/children")
    return {int(pid) for task in tasks for pid in task.read_text().split()}


async def test_a_child_that_was_killed_is_replaced(
    source: Path, tmp_path: Path
) -> None:
    before = children()
    async with Decoders(PlaySettings(), 8000) as decoders:
        await decoders.decode(source, tmp_path / "before.wav")
        for child in children() - before:
            os.kill(child, signal.SIGKILL)

        died = 0
        for number in range(4):
            try:
                await decoders.decode(source, tmp_path / f"{number}.wav")
            except MediaError:
                died += 1

        assert died == 2
        assert listen(tmp_path / "3.wav").seconds == 1


async def test_a_child_that_takes_too_long_is_replaced(
    source: Path, tmp_path: Path
) -> None:
    before = children()
    async with Decoders(PlaySettings(decode_timeout_s=3), 8000) as decoders:
        warm = [decoders.decode(source, tmp_path / f"warm{n}.wav") for n in range(2)]
        await asyncio.gather(*warm)
        stuck = children() - before
        for child in stuck:
            os.kill(child, signal.SIGSTOP)

        orders = [decoders.decode(source, tmp_path / f"{n}.wav") for n in range(4)]
        ended = await asyncio.gather(*orders, return_exceptions=True)

        slow = [error for error in ended if isinstance(error, MediaError)]
        assert [str(error) for error in slow] == ["the decoder took over 3 s"] * 2
        assert listen(tmp_path / "3.wav").seconds == 1
        assert not stuck & children()


async def test_an_order_that_is_given_up_does_not_reach_the_next(
    source: Path, tmp_path: Path
) -> None:
    async with Decoders(PlaySettings(), 8000) as decoders:
        given_up = [
            asyncio.create_task(decoders.decode(source, tmp_path / f"{n}.wav"))
            for n in range(2)
        ]
        await asyncio.sleep(0.01)
        for order in given_up:
            order.cancel()

        (tmp_path / "bad").write_bytes(b"hello")
        with pytest.raises(MediaError, match="neither MP3 nor WAV"):
            await decoders.decode(tmp_path / "bad", tmp_path / "bad.wav")


async def test_children_are_bounded_and_know_nothing_of_us(
    source: Path, tmp_path: Path
) -> None:
    before = children()
    async with Decoders(PlaySettings(), 8000, children=1) as decoders:
        await decoders.decode(source, tmp_path / "a.wav")
        (child,) = children() - before

        proc = Path(f"/proc/{child}")
        limits = {
            line[:26].strip(): line[26:].split()[0]
            for line in (proc / "limits").read_text().splitlines()
        }
        environment = (proc / "environ").read_text()

    assert limits["Max address space"] == str(1 << 30)
    assert int(limits["Max cpu time"]) < 60
    assert limits["Max core file size"] == "0"
    assert "PATH" not in environment


async def test_no_child_is_left_at_the_end(source: Path, tmp_path: Path) -> None:
    before = children()

    async with Decoders(PlaySettings(), 8000) as decoders:
        await decoders.decode(source, tmp_path / "a.wav")
        during = children()

    assert len(during - before) == 2
    assert children() == before
