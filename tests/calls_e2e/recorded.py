"""A recording as its customer gets it: the callback, then the file, by channel."""

import asyncio
import io
import wave
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import numpy as np
import soundfile

from tests.calls_e2e.conftest import World
from voiceplat.telephony.listen import Tone, tones

SAME_HZ = 15
TOO_LATE_S = 60


@dataclass(frozen=True, slots=True)
class File:
    seconds: float
    kind: str
    channels: tuple[tuple[Tone, ...], ...]
    """The tones of each."""

    def hears(self, channel: int, hz: float) -> float:
        """For how many seconds a channel has that tone."""
        return sum(t.seconds for t in self.channels[channel] if _same(t.hz, hz))

    def only(self, channel: int, *hz: float) -> bool:
        """Whether a channel has those tones, each of them, and no other."""
        heard = self.channels[channel]
        known = all(any(_same(tone.hz, it) for it in hz) for tone in heard)
        return known and all(self.hears(channel, it) > 0 for it in hz)


def _same(one: float, other: float) -> bool:
    return abs(one - other) < SAME_HZ


async def ready(
    world: World, url: str = "/ready", *, times: int = 1
) -> Mapping[str, str]:
    """The fields of the last of so many callbacks."""
    async with asyncio.timeout(TOO_LATE_S):
        while len(world.customer.requests(url)) < times:  # noqa: ASYNC110 - a restart
            await asyncio.sleep(0.1)
    return world.customer.requests(url)[-1].fields


async def fetched(url: str) -> File:
    """The file at its address, as anybody gets it."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(url)
    assert answer.status_code == httpx.codes.OK, answer.text
    return listened_to(answer.content)


def listened_to(content: bytes) -> File:
    with soundfile.SoundFile(io.BytesIO(content)) as sound:
        frames = sound.read(dtype="int16", always_2d=True)
        rate, kind = sound.samplerate, sound.format
    channels = tuple(_tones(column, rate) for column in frames.T)
    return File(len(frames) / rate, kind, channels)


def _tones(column: "np.typing.NDArray[np.int16]", rate: int) -> tuple[Tone, ...]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "channel.wav"
        with wave.open(str(path), "wb") as wav:
            wav.setparams((1, 2, rate, 0, "NONE", ""))
            wav.writeframes(column.tobytes())
        return tuple(tones(path))
