"""An end of RTP that hears: what came, in which codec, as tones."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final
from wave import open as open_wav

import numpy as np
from numpy.typing import NDArray

from voiceplat.telephony.listen import tones

HEADER_BYTES: Final = 12
PCMU, PCMA, G722 = 0, 8, 9
SAME_HZ: Final = 15


def payload_types(packets: Iterable[bytes]) -> list[int]:
    return [packet[1] & 0x7F for packet in packets]


def hears(packets: Iterable[bytes], hz: float) -> bool:
    """Whether that tone is in it; only G.711 is heard."""
    with NamedTemporaryFile(suffix=".wav") as file:
        with open_wav(file.name, "wb") as wav:
            wav.setparams((1, 2, 8000, 0, "NONE", ""))
            wav.writeframes(b"".join(map(_samples, packets)))
        return any(abs(tone.hz - hz) < SAME_HZ for tone in tones(Path(file.name)))


def _samples(packet: bytes) -> bytes:
    codec, payload = packet[1] & 0x7F, packet[HEADER_BYTES:]
    if codec not in _TABLES:
        return b""
    return _TABLES[codec][np.frombuffer(payload, np.uint8)].tobytes()


def _mu_law() -> NDArray[np.int16]:
    code = ~np.arange(256) & 0xFF
    size = (((code & 0x0F) << 3) + 0x84 << ((code >> 4) & 7)) - 0x84
    return np.where(code & 0x80, -size, size).astype(np.int16)


def _a_law() -> NDArray[np.int16]:
    code = np.arange(256) ^ 0x55
    exponent, mantissa = (code >> 4) & 7, (code & 0x0F) << 4
    size = np.where(
        exponent == 0, mantissa + 8, (mantissa + 0x108) << np.maximum(exponent - 1, 0)
    )
    return np.where(code & 0x80, size, -size).astype(np.int16)


_TABLES: Final = {PCMU: _mu_law(), PCMA: _a_law()}
