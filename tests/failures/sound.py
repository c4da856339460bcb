"""The audio of parties: each says a tone, and remembers what it heard, as G.711 RTP."""

import asyncio
import struct
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final, cast

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from bench.rtp import is_sound, parse
from tests.calls_e2e.ear import hears

PACKET_S: Final = 0.02
SAMPLES: Final = 160
RATE_HZ: Final = 8000
SECOND: Final = 50
"""Packets."""


class Voice(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.port = 0
        self._heard: deque[bytes] = deque(maxlen=SECOND)
        self._something = asyncio.Event()
        self._socket: asyncio.DatagramTransport

    async def hears(self, hz: float) -> bool:
        """Whether that tone was in the last second that was not silent."""
        return await asyncio.to_thread(hears, tuple(self._heard), hz)

    async def hears_something(self) -> None:
        """Returns as soon as it is not silent."""
        await self._something.wait()

    def send(self, packet: bytes, to: tuple[str, int]) -> None:
        if not self._socket.is_closing():
            self._socket.sendto(packet, to)

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._socket = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        packet = parse(data)
        if packet is not None and is_sound(packet.payload):
            self._heard.append(data)
            self._something.set()

    def close(self) -> None:
        self._socket.close()


@asynccontextmanager
async def voice(host: str) -> AsyncIterator[Voice]:
    made = Voice()
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: made, local_addr=(host, 0))
    try:
        yield made
    finally:
        made.close()
        await asyncio.sleep(0)  # the loop closes the socket a turn later


class Choir:
    """All who talk now; one clock sends the packets of all."""

    def __init__(self) -> None:
        self._singing: dict[Voice, tuple[tuple[str, int], float]] = {}

    def sings(self, voice: Voice, hz: float, to: tuple[str, int]) -> None:
        self._singing[voice] = (to, hz)

    def stops(self, voice: Voice) -> None:
        self._singing.pop(voice, None)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        due, number = loop.time(), 0
        while True:
            for voice, (to, hz) in self._singing.items():
                header = struct.pack(
                    "!BBHII", 0x80, 0, number % 65536, number * SAMPLES, voice.port
                )
                with suppress(OSError):
                    voice.send(header + _tone(hz)[number % SECOND], to)
            number += 1
            due = max(due + PACKET_S, loop.time() - 1)
            await asyncio.sleep(max(0, due - loop.time()))


_tones: dict[float, list[bytes]] = {}


def _tone(hz: float) -> list[bytes]:
    """A second of it in packets of µ-law; a whole number of hertz has no seam."""
    if hz not in _tones:
        time = np.arange(SECOND * SAMPLES) / RATE_HZ
        coded = _mu_law(8000 * np.sin(2 * np.pi * hz * time))
        _tones[hz] = [part.tobytes() for part in coded.reshape(SECOND, SAMPLES)]
    return _tones[hz]


def _mu_law(samples: NDArray[np.float64]) -> NDArray[np.uint8]:
    """ITU-T G.711: segment and step of the biased size."""
    size = np.minimum(np.abs(samples), 32635).astype(np.int32) + 132
    exponent = np.maximum(np.log2(size).astype(np.int32) - 7, 0)
    mantissa = (size >> (exponent + 3)) & 15
    code = (exponent << 4) | mantissa | np.where(samples < 0, 128, 0)
    return np.asarray(~code & 255, np.uint8)
