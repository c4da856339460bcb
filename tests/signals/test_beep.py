"""What is a voicemail's beep, and all that is not."""

import numpy as np
import pytest

from tests.signals.sounds import (
    Sound,
    frames,
    key,
    noise,
    silence,
    sine,
    speech,
    through,
)
from voiceplat.signals.beep import BeepDetector, BeepShape

GREETING = "Hello, nobody can take your call. Please leave a message after the tone."
USUAL = BeepShape()


def beeps_in(*sounds: Sound, shape: BeepShape = USUAL) -> int:
    detector = BeepDetector(shape)
    heard = through(np.concatenate((*sounds, silence(1000))))
    return sum(detector.hear(frame) for frame in frames(heard))


def cadence(hz: float | tuple[float, ...], on_ms: float, off_ms: float) -> Sound:
    return np.concatenate([sine(hz, on_ms), silence(off_ms)] * 6)


@pytest.mark.parametrize("hz", [370, 480, 600, 850, 1000, 1400, 2000, 2400])
@pytest.mark.parametrize("length", [200, 300, 1000, 2000])
@pytest.mark.parametrize("phase", [0, 5, 13])
def test_a_steady_tone_and_silence_after_it_are_a_beep(
    hz: float, length: float, phase: float
) -> None:
    assert beeps_in(noise(500, -25), silence(phase), sine(hz, length)) == 1


def test_a_beep_follows_a_greeting() -> None:
    assert beeps_in(speech(GREETING), silence(300), sine(1000, 400)) == 1
    assert beeps_in(speech(GREETING), sine(1000, 400)) == 1


def test_it_is_told_half_a_second_after_its_end() -> None:
    detector = BeepDetector()
    heard = frames(silence(200), sine(1000, 400), silence(2000))

    (at,) = (number * 0.02 for number, it in enumerate(heard, 1) if detector.hear(it))

    assert at == pytest.approx(0.6 + 0.5, abs=0.05)


@pytest.mark.parametrize("dbfs", [-10, -20, -30, -38])
def test_loud_and_quiet_beeps_are_found(dbfs: float) -> None:
    assert beeps_in(sine(1000, 400, dbfs)) == 1


def test_a_beep_is_found_in_the_noise_of_a_line() -> None:
    line = np.concatenate((silence(500), sine(1000, 400, -20), silence(1000)))

    assert beeps_in(line + noise(len(line) / 8, -41)) == 1


def test_a_lost_packet_does_not_break_a_beep() -> None:
    assert beeps_in(sine(1000, 140), silence(20), sine(1000, 140)) == 1


def test_two_beeps_in_a_row_are_one_signal() -> None:
    assert beeps_in(sine(1000, 300), silence(150), sine(1000, 300)) == 1


def test_a_shorter_tone_is_no_beep() -> None:
    assert beeps_in(sine(1000, 120)) == 0


def test_a_tone_that_does_not_end_is_no_beep() -> None:
    detector = BeepDetector()

    assert not any(map(detector.hear, frames(sine(1000, 10_000))))


@pytest.mark.parametrize("voice", ["en-us", "en+f3", "en+m3", "de+f5", "ja+f2"])
@pytest.mark.parametrize("pitch", [20, 60, 95])
def test_speech_is_no_beep(voice: str, pitch: int) -> None:
    assert (
        beeps_in(speech(GREETING * 2 + "Ooooh. Aaah. Mmmm.", voice, pitch=pitch)) == 0
    )


@pytest.mark.parametrize(
    "heard",
    [
        pytest.param(cadence((440, 480), 2000, 4000), id="ringing, North America"),
        pytest.param(cadence((400, 450), 400, 200), id="ringing, Britain"),
        pytest.param(cadence(425, 1000, 4000), id="ringing, most of Europe"),
        pytest.param(cadence(450, 1000, 4000), id="ringing, China"),
        pytest.param(cadence((480, 620), 500, 500), id="busy, North America"),
        pytest.param(cadence(425, 480, 480), id="busy, Europe"),
        pytest.param(sine((350, 440), 5000), id="dial tone, North America"),
        pytest.param(sine(425, 5000), id="dial tone, Europe"),
        pytest.param(cadence(1000, 250, 250), id="a cadence that was never heard of"),
        pytest.param(sine(2100, 3000), id="a fax that answers"),
        pytest.param(key("5", 500), id="a key"),
        pytest.param(noise(3000, -20), id="noise"),
    ],
)
def test_tones_of_the_network_are_no_beep(heard: Sound) -> None:
    assert beeps_in(heard) == 0


def test_the_tones_of_an_intercept_are_no_beep() -> None:
    tones = [sine(985, 380), sine(1429, 380), sine(1777, 380)]

    assert beeps_in(*tones) == 0


@pytest.mark.parametrize(
    "overtones", [[1, 0.6, 0.4, 0.2], [1, 0.8, 0.5, 0.3], [1, 0.1, 0.05]]
)
def test_music_is_no_beep(overtones: list[float]) -> None:
    notes = 523 * 2 ** (np.array([0, 4, 7, 12, 7, 4, 5, 9, 12, 9, 5, 2, 7, 11, 7]) / 12)
    melody = [
        np.sum(
            [part * sine(hz * n, 300) for n, part in enumerate(overtones, 1)], axis=0
        )
        for hz in notes
    ]

    assert beeps_in(*melody) == 0


def test_a_tuned_shape_says_what_is_long_loud_and_silent_enough() -> None:
    shape = BeepShape.of(
        "duration=800,inter_silence=0,intra_silence=200,threshold=2000"
    )

    assert shape == BeepShape(800, 0, 200, 2000)
    assert beeps_in(sine(1000, 700), shape=shape) == 0
    assert beeps_in(sine(1000, 900), shape=shape) == 1
    assert beeps_in(sine(1000, 900, -30), shape=shape) == 0
    assert BeepShape.of("true") == USUAL
    assert BeepShape.of("duration=500") == BeepShape(duration=500)
