"""One end of an RTP stream: sends numbered packets, counts what arrives."""

import asyncio
import struct
from collections.abc import AsyncIterator, Container
from contextlib import asynccontextmanager
from typing import Final, cast

from typing_extensions import override

PACKETS: Final = 25
PACKET_S: Final = 0.02


class RtpEnd(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.port = 0
        self.sent = 0
        self.heard: list[bytes] = []
        self.sources: list[tuple[str, int]] = []
        self._transport: asyncio.DatagramTransport | None = None

    async def talk(self, to: tuple[str, int], *, lost: Container[int] = ()) -> None:
        """Half a second of PCMU, without the packets of these numbers."""
        assert self._transport is not None
        for number in range(PACKETS):
            header = struct.pack("!BBHII", 0x80, 0, number, number * 160, self.port)
            if number not in lost:
                self._transport.sendto(header + bytes(160), to)
                self.sent += 1
            await asyncio.sleep(PACKET_S)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        self.port = transport.get_extra_info("sockname")[1]

    @override
    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.heard.append(data)
        self.sources.append(addr)


@asynccontextmanager
async def rtp_end(host: str) -> AsyncIterator[RtpEnd]:
    end = RtpEnd()
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: end, local_addr=(host, 0))
    try:
        yield end
    finally:
        end.close()
        await asyncio.sleep(0)
