"""The child program that joins tracks and makes MP3 or WAV of them.

It says that it is ready, then reads one JSON order a line on stdin and answers one JSON
line on stdout. Sound passes in blocks, so hours need no more memory than seconds. The
headers of the tracks are not believed: they are right only when their process closed
them.
"""

import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt
import soundfile

from voiceplat.recordings.wav import HEADER_BYTES, SAMPLE_BYTES

BLOCK_FRAMES: Final = 1 << 16
SHORTEST_S: Final = 0.1
"""A player takes an empty file for a broken one; silence of this length is kept."""
MP3_COMPRESSION: Final = 0.2
"""Of 0 to 1: some 20 kbit/s for two channels at 8 kHz, errors below -70 dBFS."""
FULL_SCALE: Final = np.float32(32768)

Frames = npt.NDArray[np.float32]
"""Not 16-bit: the library's MP3 encoder distorts those beyond recognition."""


def convert(
    tracks: Sequence[Path], target: Path, kind: str, rate_hz: int, frames_max: int
) -> dict[str, Any]:
    """Write `target`, a channel for each track; what there is to know about it.

    Raises OSError when the disk does not take it.
    """
    mp3 = {"bitrate_mode": "VARIABLE", "compression_level": MP3_COMPRESSION}
    frames = 0
    with soundfile.SoundFile(
        target,
        "w",
        samplerate=rate_hz,
        channels=len(tracks),
        format=kind.upper(),
        **(mp3 if kind == "mp3" else {"subtype": "PCM_16"}),
    ) as sound:
        for block in joined(tracks, frames_max):
            sound.write(block)
            frames += len(block)
        missing = max(0, int(SHORTEST_S * rate_hz) - frames)
        sound.write(np.zeros((missing, len(tracks)), np.float32))
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"frames": frames, "size": target.stat().st_size, "sha256": digest}


def joined(tracks: Sequence[Path], frames_max: int) -> Iterator[Frames]:
    """Blocks of all tracks side by side; one that ends early is silent from then on."""
    files = [_opened(track) for track in tracks]
    try:
        left = frames_max
        while left > 0:
            size = min(BLOCK_FRAMES, left)
            columns = [_samples(file, size) for file in files]
            length = max(map(len, columns))
            if not length:
                return
            block = np.zeros((length, len(columns)), np.float32)
            for index, column in enumerate(columns):
                block[: len(column), index] = column
            left -= length
            yield block
    finally:
        for file in files:
            if file is not None:
                file.close()


def _opened(track: Path) -> IO[bytes] | None:
    """Behind the header; None for a track that was never begun."""
    if not track.exists():
        return None
    file = track.open("rb")
    file.seek(HEADER_BYTES)
    return file


def _samples(file: IO[bytes] | None, count: int) -> Frames:
    read = file.read(count * SAMPLE_BYTES) if file else b""
    whole = read[: len(read) // SAMPLE_BYTES * SAMPLE_BYTES]
    return np.frombuffer(whole, "<i2").astype(np.float32) / FULL_SCALE


def answer(order: dict[str, Any]) -> dict[str, Any]:
    """Carry out one order; `error` says why it could not be."""
    try:
        return convert(
            [Path(track) for track in order["tracks"]],
            Path(order["target"]),
            order["kind"],
            order["rate_hz"],
            order["frames_max"],
        )
    except (OSError, soundfile.SoundFileError) as error:
        return {"error": str(error)}


def main() -> None:
    _say({"ready": "yes"})
    for line in sys.stdin:
        _say(answer(json.loads(line)))


def _say(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
