"""How long the far end has been silent."""

import pytest

from tests.signals.sounds import Sound, frames, noise, silence, sine, through
from voiceplat.signals.pcm import FULL_SCALE, rms, rms_of, samples
from voiceplat.signals.silence import SilenceWatch


def silent_at(*sounds: Sound) -> list[int]:
    """After how many ms it has been silent for 400."""
    watch = SilenceWatch(400, below_dbfs=-45)
    heard = enumerate(frames(*sounds), start=1)
    return [number * 20 for number, frame in heard if watch.hear(frame)]


def test_silence_is_counted_from_its_last_sound() -> None:
    assert silent_at(noise(1000, -20), silence(600))[0] == 1400


def test_a_sound_begins_it_anew() -> None:
    said = (silence(300), noise(20, -20), silence(300))

    assert silent_at(*said) == []


def test_the_noise_of_a_line_is_silence_and_a_quiet_voice_is_not() -> None:
    assert silent_at(through(noise(1000, -50)))[0] == 400
    assert silent_at(noise(1000, -40)) == []


@pytest.mark.parametrize("dbfs", [-3, -20, -45])
def test_levels_are_what_they_say(dbfs: float) -> None:
    (frame,) = frames(sine(1000, 20, dbfs))

    assert rms(samples(frame)) == pytest.approx(rms_of(dbfs), rel=0.02)
    assert rms(samples(b"")) == 0
    assert rms_of(0) == FULL_SCALE
