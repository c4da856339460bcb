"""What a recording of a room holds."""

import asyncio
from pathlib import Path

from tests.mixer.conftest import Join
from tests.mixer.phones import (
    running,
    samples,
    stall,
    talk,
    tone,
    tones_in,
    voice,
    write_wav,
)
from voiceplat.mixer.mix import Mix

FRAME_BYTES = 320


async def test_every_speaker_is_in_it_and_what_everybody_hears(
    mix: Mix, join: Join, tmp_path: Path
) -> None:
    phones = [join(number, rate_hz=rate) for number, rate in ((1, 8000), (2, 16000))]
    silenced = join(3)
    mix.allow(3, speaks=False, hears=True)
    music = write_wav(tmp_path / "music.wav", tone(3000, frames=5))
    secret = write_wav(tmp_path / "secret.wav", tone(3100, frames=5))
    frames: list[bytes] = []

    async with running(mix), asyncio.TaskGroup() as tasks:
        mix.record(frames.append)
        tasks.create_task(mix.play([music], loop=False))
        tasks.create_task(mix.play([secret], to=[1]))
        await talk([*phones, silenced], 30)

    heard = [tones_in(frame) for frame in frames]
    assert {hz for tones in heard for hz in tones} == {voice(1), voice(2), 3000}
    assert heard[-1] == {voice(1), voice(2)}
    assert sum(3000 in tones for tones in heard) == 5


async def test_an_empty_room_is_recorded_as_silence_frame_by_frame(mix: Mix) -> None:
    frames: list[bytes] = []

    async with running(mix):
        mix.record(frames.append)
        await asyncio.sleep(1.01)

    assert frames == [bytes(FRAME_BYTES)] * 50


async def test_one_that_is_stopped_gets_no_more_and_others_go_on(mix: Mix) -> None:
    one: list[bytes] = []
    other: list[bytes] = []

    async with running(mix):
        recording = mix.record(one.append)
        mix.record(other.append)
        await asyncio.sleep(0.5)
        recording.stop()
        recording.stop()
        stopped_at = len(one)
        await asyncio.sleep(0.5)

    assert 20 <= stopped_at <= 30
    assert len(one) == stopped_at
    assert len(other) >= stopped_at + 20


async def test_too_many_loud_voices_are_cut_and_never_wrapped_around(
    mix: Mix, join: Join
) -> None:
    loud = [join(number, hz=400, amplitude=30000) for number in (1, 2, 3)]
    listener = join(4, rate_hz=16000)
    mix.allow(4, speaks=False, hears=True)
    frames: list[bytes] = []
    mix.record(frames.append)

    async with running(mix):
        await talk([*loud, listener], 10)

    for frame, count in ((frames[-1], 3), (loud[0].heard[-1], 2)):
        exact = count * samples(loud[0].says)
        assert (samples(frame) == exact.clip(-32768, 32767)).all()
    wide = samples(listener.heard[-1])
    assert (wide[1:] * wide[:-1] < -(10**8)).sum() == 0, "no jump from end to end"


async def test_a_second_without_the_process_is_a_second_of_the_recording(
    mix: Mix,
) -> None:
    frames: list[bytes] = []

    async with running(mix):
        mix.record(frames.append)
        await asyncio.sleep(0.5)
        stall(1.0)
        await asyncio.sleep(0.51)

    assert len(frames) == 100
