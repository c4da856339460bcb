"""What passes between 8 and 16 kHz, and what does not."""

import numpy as np
import numpy.typing as npt
import pytest

from voiceplat.mixer.half_band import Doubler, Halver, Rows

AMPLITUDE = 10000
TICKS = 50


def sine(hz: float, rate_hz: int) -> Rows:
    """A second of frames, one in a row."""
    turns = 2 * np.pi * hz * np.arange(rate_hz) / rate_hz
    samples = (AMPLITUDE * np.sin(turns)).round().astype(np.int16)
    return samples.reshape(TICKS, -1)


def halved(*streams: Rows) -> list[npt.NDArray[np.int16]]:
    halver = Halver()
    for _ in streams:
        halver.add()
    ticks = [halver.halved(np.stack(frames)) for frames in zip(*streams, strict=True)]
    return [
        np.concatenate([rows[one] for rows in ticks]) for one in range(len(streams))
    ]


def doubled(*streams: Rows) -> list[npt.NDArray[np.int16]]:
    doubler = Doubler()
    for _ in streams:
        doubler.add()
    ticks = [doubler.doubled(np.stack(frames)) for frames in zip(*streams, strict=True)]
    return [
        np.concatenate([rows[one] for rows in ticks]) for one in range(len(streams))
    ]


def level_db(samples: npt.NDArray[np.int16]) -> float:
    """Against what went in; the first frames, which fill the filter, do not count."""
    rms = np.sqrt(np.mean(samples[samples.size // 10 :].astype(float) ** 2))
    return float(20 * np.log10(max(rms, 1e-3) / (AMPLITUDE / 2**0.5)))


@pytest.mark.parametrize("hz", [300, 1000, 2000, 3000, 3400])
def test_speech_passes_both_ways(hz: int) -> None:
    (down,), (up,) = halved(sine(hz, 16000)), doubled(sine(hz, 8000))

    assert (len(down), len(up)) == (8000, 16000)
    assert level_db(down) == pytest.approx(0, abs=0.5)
    assert level_db(up) == pytest.approx(0, abs=0.5)
    for samples in (down, up):
        tail = samples[-len(samples) // 2 :]
        power = np.abs(np.fft.rfft(tail)) ** 2
        assert int(power.argmax()) * 2 == hz
        assert power.max() / power.sum() > 0.99


@pytest.mark.parametrize("hz", [4800, 5500, 7000])
def test_what_8_khz_cannot_hold_is_not_heard_as_something_else(hz: int) -> None:
    (down,) = halved(sine(hz, 16000))

    assert level_db(down) < -45


def test_links_are_filtered_each_for_itself_and_may_leave() -> None:
    streams = [sine(hz, 16000) for hz in (500, 1000, 1500)]
    halver, doubler = Halver(), Doubler()
    for _ in streams:
        halver.add()
        doubler.add()
    for frames in zip(*(one[:10] for one in streams), strict=True):
        doubler.doubled(halver.halved(np.stack(frames)))
    halver.remove(1)
    doubler.remove(1)
    left = (streams[0], streams[2])
    rest = [
        doubler.doubled(halver.halved(np.stack(frames)))
        for frames in zip(*(one[10:] for one in left), strict=True)
    ]

    for row, stream in enumerate(left):
        whole = doubled(halved(stream)[0].reshape(TICKS, -1))[0]
        assert (np.concatenate([rows[row] for rows in rest]) == whole[3200:]).all()


def test_the_loudest_is_cut_and_not_wrapped_around() -> None:
    edges = np.tile(np.repeat([32767, -32768], 40), 200).astype(np.int16)

    (up,) = doubled(edges.reshape(-1, 160))

    steady = up.reshape(-1, 80)[1:, 40:60]
    assert (np.sign(steady) == np.sign(steady[:, :1])).all()
