"""Sounds whose content is known, as frames of 20 ms at 8 kHz, and what G.711 leaves."""

import subprocess
import wave
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Final

import numpy as np
import numpy.typing as npt
import soxr

RATE_HZ: Final = 8000
FRAME_BYTES: Final = 320
LOW_HZ: Final = dict(
    zip("123A456B789C*0#D", np.repeat((697, 770, 852, 941), 4), strict=True)
)
HIGH_HZ: Final = dict(
    zip("123A456B789C*0#D", (1209, 1336, 1477, 1633) * 4, strict=True)
)

Sound = npt.NDArray[np.float64]


def frames(*sounds: Sound) -> Iterator[bytes]:
    """Whole frames; the last one is filled up with silence."""
    pcm = pcm_of(*sounds)
    for start in range(0, len(pcm), FRAME_BYTES):
        yield pcm[start : start + FRAME_BYTES].ljust(FRAME_BYTES, b"\0")


def pcm_of(*sounds: Sound) -> bytes:
    return np.concatenate(sounds).clip(-32768, 32767).round().astype("<i2").tobytes()


def silence(ms: float) -> Sound:
    return np.zeros(round(ms * RATE_HZ / 1000))


def sine(hz: float | Sequence[float], ms: float, dbfs: float = -15.0) -> Sound:
    """One sine or several; each of them is so loud."""
    time = np.arange(round(ms * RATE_HZ / 1000)) / RATE_HZ
    peak = 32768 * 10 ** (dbfs / 20) * 2**0.5
    waves = (peak * np.sin(2 * np.pi * one * time) for one in np.atleast_1d(hz))
    return np.asarray(sum(waves))


def key(  # noqa: PLR0913 - all that may be off about a key
    name: str,
    ms: float = 100,
    *,
    dbfs: float = -15.0,
    twist_db: float = 0.0,
    off: float = 0.0,
    pause_ms: float = 60,
) -> Sound:
    """A key and the pause after it; `twist_db` makes the high tone louder."""
    low = sine(LOW_HZ[name] * (1 + off), ms, dbfs - max(twist_db, 0))
    high = sine(HIGH_HZ[name] * (1 + off), ms, dbfs + min(twist_db, 0))
    return np.concatenate((low + high, silence(pause_ms)))


def noise(ms: float, dbfs: float, seed: int = 1) -> Sound:
    size = round(ms * RATE_HZ / 1000)
    return np.random.default_rng(seed).normal(0, 32768 * 10 ** (dbfs / 20), size)


def speech(
    text: str, voice: str = "en-us", *, pitch: int = 50, speed: int = 160
) -> Sound:
    """Synthesized, at the level of a phone call."""
    said = subprocess.run(
        ["espeak-ng", "--stdout", "-v", voice, f"-p{pitch}", f"-s{speed}", text],
        check=True,
        capture_output=True,
    ).stdout
    with wave.open(BytesIO(said)) as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        sound = soxr.resample(raw.astype(np.float64), file.getframerate(), RATE_HZ)
    return np.asarray(sound * (0.5 * 32768 / np.abs(sound).max()))


def _pcmu() -> Sound:
    code = ~np.arange(256) & 0xFF
    size = ((((code & 15) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84
    return np.where(code & 0x80, -size, size).astype(np.float64)


def _pcma() -> Sound:
    code = np.arange(256) ^ 0x55
    segment, size = (code & 0x70) >> 4, ((code & 15) << 4) + 8
    size = np.where(segment, (size + 0x100) << np.maximum(segment - 1, 0), size)
    return np.where(code & 0x80, size, -size).astype(np.float64)


LAWS: Final = {"PCMU": _pcmu(), "PCMA": _pcma()}
"""What each of the 256 codes of G.711 means."""


def encoded(sound: Sound, law: str = "PCMU") -> bytes:
    """The nearest code for each sample."""
    order = np.argsort(LAWS[law], kind="stable")
    levels = LAWS[law][order]
    at = np.searchsorted((levels[1:] + levels[:-1]) / 2, sound)
    return order[at].astype(np.uint8).tobytes()


def through(sound: Sound, law: str = "PCMU") -> Sound:
    """What is left of a sound after G.711."""
    return LAWS[law][np.frombuffer(encoded(sound, law), np.uint8)]
