"""Keys in audio, as Q.24 wants them found; speech and tones of the network are none."""

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
from voiceplat.signals.dtmf import KEYS, DtmfDetector

PHASES_MS = (0, 2, 3.5, 7, 11, 17)
"""Where in a frame a key begins."""
SAID = (
    "Please leave a message after the tone. If you would like to speak to an agent, "
    "press zero, or one two three four five six seven eight nine. Ooh, aah, hello."
)


def keys_in(*sounds: Sound) -> str:
    detector = DtmfDetector()
    return "".join(map(detector.hear, frames(*sounds)))


@pytest.mark.parametrize("law", ["PCMU", "PCMA"])
@pytest.mark.parametrize("phase", PHASES_MS)
def test_every_key_of_40_ms_is_found_once(law: str, phase: float) -> None:
    pressed = np.concatenate([key(name, 40, pause_ms=40) for name in KEYS])

    assert keys_in(silence(phase), through(pressed, law)) == KEYS


@pytest.mark.parametrize("length", [1000, 10_000])
def test_a_long_key_is_one_key(length: int) -> None:
    assert keys_in(through(key("5", length))) == "5"


@pytest.mark.parametrize("phase", PHASES_MS)
def test_20_ms_are_no_key(phase: float) -> None:
    pressed = np.concatenate([key(name, 20) for name in KEYS])

    assert keys_in(silence(phase), pressed) == ""


@pytest.mark.parametrize("phase", PHASES_MS)
def test_a_break_of_10_ms_is_no_pause_and_one_of_40_ms_is(phase: float) -> None:
    broken = (key("5", 60, pause_ms=10), key("5", 60))
    apart = (key("5", 60, pause_ms=40), key("5", 60))

    assert keys_in(silence(phase), *broken) == "5"
    assert keys_in(silence(phase), *apart) == "55"


def test_one_key_after_another_without_a_pause_is_two() -> None:
    assert keys_in(key("5", 60, pause_ms=0), key("6", 60)) == "56"


@pytest.mark.parametrize("off", [0.015, -0.015])
@pytest.mark.parametrize("twist", [-8, 0, 4])
def test_frequencies_may_be_off_by_15_per_mille_at_any_allowed_twist(
    off: float, twist: float
) -> None:
    pressed = np.concatenate([key(name, off=off, twist_db=twist) for name in KEYS])

    assert keys_in(through(pressed)) == KEYS


@pytest.mark.parametrize("off", [0.03, -0.03, 0.035, -0.035])
def test_frequencies_that_are_further_off_are_no_key(off: float) -> None:
    assert keys_in(*(key(name, off=off) for name in KEYS)) == ""


@pytest.mark.parametrize("twist", [-13, 9])
def test_one_tone_far_above_the_other_is_no_key(twist: float) -> None:
    assert keys_in(*(key(name, twist_db=twist) for name in KEYS)) == ""


@pytest.mark.parametrize("dbfs", [-7, -20, -36])
def test_loud_and_quiet_keys_are_found(dbfs: float) -> None:
    assert keys_in(*(key(name, dbfs=dbfs) for name in KEYS)) == KEYS


def test_what_is_hardly_to_be_heard_is_no_key() -> None:
    assert keys_in(*(key(name, dbfs=-50) for name in KEYS)) == ""


def test_keys_are_found_in_the_noise_of_a_line() -> None:
    pressed = np.concatenate([key(name, 60) for name in KEYS])

    assert keys_in(through(pressed + noise(len(pressed) / 8, -30))) == KEYS


@pytest.mark.parametrize("voice", ["en-us", "en+f3", "en+m3", "de+f5", "ja+f2"])
@pytest.mark.parametrize("pitch", [20, 60, 95])
def test_speech_has_no_keys(voice: str, pitch: int) -> None:
    assert keys_in(through(speech(SAID, voice, pitch=pitch))) == ""


@pytest.mark.parametrize(
    "hz", [440, (350, 440), (440, 480), (480, 620), (697, 770), (941, 1209, 1477), 1000]
)
def test_other_tones_are_no_keys(hz: float | tuple[float, ...]) -> None:
    assert keys_in(through(sine(hz, 2000))) == ""


def test_noise_has_no_keys() -> None:
    assert keys_in(noise(20_000, -15)) == ""


def test_it_works_at_16_khz() -> None:
    detector = DtmfDetector(16_000)
    pressed = np.concatenate([key(name, 60) for name in KEYS])
    wide = np.repeat(pressed, 2).astype("<i2").tobytes()
    keys = (detector.hear(wide[at : at + 640]) for at in range(0, len(wide), 640))

    assert "".join(keys) == KEYS


def test_it_tells_which_key_is_down() -> None:
    detector = DtmfDetector()
    down = []

    for frame in frames(silence(100), key("7", 200, pause_ms=200)):
        detector.hear(frame)
        down.append(detector.sounding)

    assert set(down) == {"", "7"}
    assert down[-1] == ""
