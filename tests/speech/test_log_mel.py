"""The spectrogram that the recogniser sees."""

import numpy as np
import pytest

from tests.speech.sounds import tone
from voiceplat.speech.engines.log_mel import log_mel


def test_silence_is_the_same_everywhere_and_at_the_floor() -> None:
    picture = log_mel(np.zeros(1600, np.float32), 100)

    assert picture.shape == (80, 100)
    assert picture.dtype == np.float32
    assert np.allclose(picture, (-10 + 4) / 4)


@pytest.mark.parametrize(("hz", "band"), [(200, 4), (1000, 26), (4000, 62), (7500, 78)])
def test_a_tone_lights_up_its_band(hz: float, band: int) -> None:
    sound = tone(hz, 1, 16000)[:, 0]

    picture = log_mel(sound, 100)

    assert abs(int(picture[:, 50].argmax()) - band) <= 1


def test_nothing_is_more_than_80_db_below_the_loudest() -> None:
    picture = log_mel(tone(1000, 0.5, 16000)[:, 0], 100)

    assert picture.max() - picture.min() == pytest.approx(8 / 4)


def test_sound_is_cut_to_the_frames_asked_for() -> None:
    sound = tone(1000, 3, 16000)[:, 0]

    picture = log_mel(sound, 100)

    assert picture.shape == (80, 100)
    assert np.allclose(picture[:, :99], log_mel(sound[:16000], 100)[:, :99], atol=0.2)
