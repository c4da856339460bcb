"""Recordings of nothing, however long."""

import struct
from pathlib import Path

RATE_HZ = 8000


def write_silence(wav: Path, seconds: float) -> None:
    """A WAV file of that length; an hour takes no room on the disk."""
    size = int(seconds * RATE_HZ) * 2
    form = struct.pack("<IHHIIHH", 16, 1, 1, RATE_HZ, RATE_HZ * 2, 2, 16)
    with wav.open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", size + 36) + b"WAVEfmt " + form)
        file.write(b"data" + struct.pack("<I", size))
        file.truncate(44 + size)
