"""Hearing tones in files whose content is known."""

import wave
from pathlib import Path

import numpy as np
import pytest

from voiceplat.telephony.listen import read, seconds, silences, tones, write_tone


def written(wav: Path, *parts: np.ndarray) -> Path:
    samples = np.concatenate(parts).astype("<i2")
    with wave.open(str(wav), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples.tobytes())
    return wav


def sine(hz: float, length_s: float) -> np.ndarray:
    return 8000 * np.sin(2 * np.pi * hz * np.arange(int(8000 * length_s)) / 8000)


def quiet(length_s: float) -> np.ndarray:
    return np.zeros(int(8000 * length_s))


def test_a_tone_is_told_by_its_place_and_pitch(tmp_path: Path) -> None:
    wav = written(tmp_path / "a.wav", quiet(0.5), sine(440, 1.0), quiet(0.5))

    (heard,) = tones(wav)

    assert heard.start_s == pytest.approx(0.5, abs=0.03)
    assert heard.end_s == pytest.approx(1.5, abs=0.03)
    assert heard.hz == pytest.approx(440, abs=3)


def test_two_tones_in_a_row_are_two(tmp_path: Path) -> None:
    wav = written(tmp_path / "a.wav", sine(440, 0.5), sine(480, 0.5))

    assert [round(tone.hz / 10) for tone in tones(wav)] == [44, 48]


def test_two_tones_at_once_are_no_tone(tmp_path: Path) -> None:
    wav = written(tmp_path / "a.wav", sine(440, 1.0) + sine(800, 1.0))

    assert tones(wav) == []


def test_noise_is_no_tone_and_no_silence(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(0, 3000, 8000)
    wav = written(tmp_path / "a.wav", noise)

    assert tones(wav) == []
    assert silences(wav) == []


def test_silence_is_told_by_its_place(tmp_path: Path) -> None:
    wav = written(tmp_path / "a.wav", sine(440, 0.5), quiet(0.3), sine(440, 0.5))

    (gap,) = silences(wav)

    assert gap.start_s == pytest.approx(0.5, abs=0.03)
    assert gap.seconds == pytest.approx(0.3, abs=0.06)


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_a_written_tone_is_heard_at_every_rate(tmp_path: Path, rate: int) -> None:
    wav = write_tone(tmp_path / "a.wav", 600, 0.5, rate)

    assert read(wav)[1] == rate
    assert seconds(wav) == pytest.approx(0.5, abs=0.001)
    assert [round(tone.hz / 10) for tone in tones(wav)] == [60]
