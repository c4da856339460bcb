"""How loud a recording is, from one end to the other."""

import io

import numpy as np
import pytest
import soundfile

from voiceplat.core.errors import MediaError
from voiceplat.recordings.peaks import LOUDEST, peaks_of


def a_file(
    sound: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]", kind: str
) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, sound, 8000, format=kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["WAV", "MP3"])
@pytest.mark.parametrize("seconds", [1, 20])
def test_each_channel_is_as_loud_as_it_is(kind: str, seconds: int) -> None:
    half = 4000 * seconds
    sound = np.zeros((2 * half, 2), np.float32)
    sound[:half, 0] = 0.5 * np.sin(np.arange(half) * 0.5)
    sound[half:, 1] = 0.25 * np.sin(np.arange(half) * 0.5)

    left, right = peaks_of(a_file(sound, kind), 100)

    assert len(left) == len(right) == 100
    assert left[10:40] == pytest.approx([50] * 30, abs=5)
    assert left[60:90] == pytest.approx([0] * 30, abs=3)
    assert right[10:40] == pytest.approx([0] * 30, abs=3)
    assert right[60:90] == pytest.approx([25] * 30, abs=5)


def test_a_file_shorter_than_its_picture_is_drawn_too() -> None:
    sound = np.ones((10, 1), np.float32)

    [peaks] = peaks_of(a_file(sound, "WAV"), 40)

    assert len(peaks) == 40
    assert sum(it == LOUDEST for it in peaks) == 10


def test_what_is_no_sound_is_said() -> None:
    with pytest.raises(MediaError):
        peaks_of(b"no sound at all")
