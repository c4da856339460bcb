"""WAV files as they lie in the spool: 16-bit mono behind a header of 44 bytes."""

import struct
from typing import Final

HEADER_BYTES: Final = 44
"""What pjsua2's recorder writes, too."""
SAMPLE_BYTES: Final = 2

_PCM: Final = 1
_LONGEST: Final = 0xFFFFFFFF - HEADER_BYTES


def header(rate_hz: int) -> bytes:
    """Of a file whose length nobody knows yet: players read to its end."""
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", _LONGEST + HEADER_BYTES - 8, b"WAVE"),
        *(b"fmt ", 16, _PCM, 1, rate_hz, rate_hz * SAMPLE_BYTES),
        *(SAMPLE_BYTES, SAMPLE_BYTES * 8, b"data", _LONGEST),
    )
