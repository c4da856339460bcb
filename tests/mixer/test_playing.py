"""What is played into a room, and who hears it, in virtual time."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.mixer.conftest import Join
from tests.mixer.phones import Phone, running, talk, tone, voice, write_wav
from voiceplat.core.errors import MediaError
from voiceplat.mixer.mix import Mix

MUSIC_HZ, NOTICE_HZ = 3000, 3100
HALF_A_SECOND = 25
"""Frames."""


@pytest.fixture
def music(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "music.wav", tone(MUSIC_HZ, frames=HALF_A_SECOND))


@pytest.fixture
def notice(tmp_path: Path) -> Path:
    return write_wav(tmp_path / "notice.wav", tone(NOTICE_HZ, frames=HALF_A_SECOND))


async def listen_to(mix: Mix, play: "asyncio.Task[None]", phones: list[Phone]) -> None:
    """Until it is over, and three frames more."""
    while not play.done():
        await talk(phones, 1)
    await talk(phones, 3)
    await play


async def test_everybody_who_hears_the_room_hears_a_sound_of_the_room(
    mix: Mix, join: Join, music: Path
) -> None:
    one, deaf = join(1), join(2)
    mix.allow(2, speaks=True, hears=False)

    async with running(mix):
        await listen_to(mix, asyncio.create_task(mix.play([music])), [one, deaf])

    assert one.times_heard(MUSIC_HZ) == HALF_A_SECOND
    assert one.times_heard(voice(2)) > HALF_A_SECOND
    assert deaf.times_heard(MUSIC_HZ) == 0


async def test_who_comes_while_it_plays_hears_the_rest(
    mix: Mix, join: Join, music: Path
) -> None:
    one = join(1)

    async with running(mix):
        play = asyncio.create_task(mix.play([music]))
        while one.times_heard(MUSIC_HZ) < 10:
            await talk([one], 1)
        late = join(2)
        await listen_to(mix, play, [one, late])

    assert HALF_A_SECOND - 12 <= late.times_heard(MUSIC_HZ) <= HALF_A_SECOND - 8
    assert one.times_heard(MUSIC_HZ) == HALF_A_SECOND


async def test_a_sound_to_one_is_added_to_what_he_hears_and_nobody_else_hears_it(
    mix: Mix, join: Join, music: Path
) -> None:
    phones = [join(1), join(2), join(3)]

    async with running(mix):
        await talk(phones, 5)
        play = asyncio.create_task(mix.play([music], to=[1]))
        await listen_to(mix, play, phones)

    assert [it.times_heard(MUSIC_HZ) for it in phones] == [HALF_A_SECOND, 0, 0]
    assert phones[0].tones == {voice(2), voice(3)}


async def test_who_is_deaf_to_the_room_hears_a_sound_of_his_own(
    mix: Mix, join: Join, music: Path
) -> None:
    waiting, other = join(1), join(2)
    mix.allow(1, speaks=False, hears=False)

    async with running(mix):
        play = asyncio.create_task(mix.play([music], to={1}))
        await listen_to(mix, play, [waiting, other])

    assert waiting.times_heard(MUSIC_HZ) == HALF_A_SECOND
    assert waiting.times_heard(voice(2)) == 0
    assert other.times_heard(voice(1)) == 0


async def test_files_are_heard_one_after_the_other_at_either_rate(
    mix: Mix, join: Join, music: Path, tmp_path: Path
) -> None:
    wide = tone(NOTICE_HZ, rate_hz=16000, frames=HALF_A_SECOND)
    write_wav(tmp_path / "wide.wav", wide, rate_hz=16000)
    one, two = join(1), join(2, rate_hz=16000)

    async with running(mix):
        play = mix.play([music, tmp_path / "wide.wav"])
        await listen_to(mix, asyncio.create_task(play), [one, two])

    for phone in (one, two):
        # a frame may hold the edge between the two, or a filter's delay
        assert phone.times_heard(MUSIC_HZ) in range(HALF_A_SECOND, HALF_A_SECOND + 3)
        assert phone.times_heard(NOTICE_HZ) in range(HALF_A_SECOND, HALF_A_SECOND + 3)


async def test_several_sounds_at_once(
    mix: Mix, join: Join, music: Path, notice: Path
) -> None:
    one = join(1)

    async with running(mix), asyncio.TaskGroup() as tasks:
        tasks.create_task(mix.play([music]))
        tasks.create_task(mix.play([notice], to=[1]))
        await talk([one], 40)

    assert one.times_heard(MUSIC_HZ) == one.times_heard(NOTICE_HZ) == HALF_A_SECOND


async def test_a_loop_goes_on_until_it_is_stopped_and_then_it_is_silent_at_once(
    mix: Mix, join: Join, tmp_path: Path
) -> None:
    bar = write_wav(tmp_path / "bar.wav", tone(MUSIC_HZ, frames=3))
    one = join(1)

    async with running(mix):
        play = asyncio.create_task(mix.play([bar], loop=True))
        await talk([one], 200)
        before = one.times_heard(MUSIC_HZ)
        play.cancel()
        await talk([one], 20)

    assert before >= 190
    assert one.times_heard(MUSIC_HZ) - before <= 2
    assert play.cancelled()


async def test_playing_to_who_has_left_ends_when_the_sound_does(
    mix: Mix, join: Join, music: Path
) -> None:
    join(1)

    async with running(mix), asyncio.timeout(5):
        play = asyncio.create_task(mix.play([music], to=[1]))
        await asyncio.sleep(0.1)
        mix.remove(1)
        await play


@pytest.mark.parametrize("loop", [False, True])
async def test_nothing_to_play_ends_at_once(mix: Mix, loop: bool) -> None:  # noqa: FBT001
    await mix.play([], loop=loop)


async def test_what_is_no_wav_of_ours_is_refused(mix: Mix, tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    stereo = write_wav(tmp_path / "stereo.wav", tone(500), channels=2)
    fast = write_wav(tmp_path / "fast.wav", tone(500), rate_hz=44100)

    for path in (tmp_path / "text.wav", tmp_path / "none.wav", stereo, fast):
        with pytest.raises(MediaError, match=path.name):
            await mix.play([path])


async def test_all_who_wait_share_one_music_until_the_last_has_stopped(
    mix: Mix, tmp_path: Path
) -> None:
    music = write_wav(tmp_path / "long.wav", tone(MUSIC_HZ, frames=1000))

    async with running(mix):
        waiting = [
            asyncio.create_task(mix.play([music], to=[member], loop=True))
            for member in range(20)
        ]
        await asyncio.sleep(1)
        held = {id(sound._samples) for sound in mix._desk._sounds}
        assert (len(mix._desk._sounds), len(held)) == (20, 1)

        write_wav(music, tone(NOTICE_HZ, frames=1000))
        os.utime(music, ns=(1, 1))
        other = asyncio.create_task(mix.play([music], loop=True))
        await asyncio.sleep(1)
        assert len({id(sound._samples) for sound in mix._desk._sounds}) == 2

        for task in (*waiting, other):
            task.cancel()
        await asyncio.wait([*waiting, other])

    assert not mix._desk._sounds
