"""A link: audio between two processes, as RTP over UDP on the private side.

L16 mono at 8 kHz, 20 ms a packet (RFC 3550, 3551), one packet per tick of the bridge.
Both ways run inside the bridge's tick, on the library's thread: it sends at once, and
reads what the kernel has kept when it asks for a frame. No other thread wakes for it.
"""

import ctypes
import secrets
import socket
import struct
from array import array
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import pjsua2 as pj
from typing_extensions import override

from voiceplat.calls.link import LinkEnd
from voiceplat.core.errors import MediaError, Unavailable
from voiceplat.telephony.jitter_buffer import JitterBuffer
from voiceplat.telephony.leg_audio import LegAudio
from voiceplat.telephony.pj_audio import Bridge, pcm_of
from voiceplat.telephony.pj_call import contained

RATE_HZ: Final = 8000
FRAME_US: Final = 20_000
SAMPLES: Final = RATE_HZ * FRAME_US // 1_000_000
FRAME_BYTES: Final = SAMPLES * 2
HEADER: Final = struct.Struct(">BBHII")
VERSION_2: Final = 0x80
MARKER: Final = 0x80
PAYLOAD_TYPE: Final = 97
"""A dynamic one: L16 at 8 kHz has no number of its own."""
PACKET_BYTES: Final = HEADER.size + FRAME_BYTES
READ_BYTES: Final = 2048
READ_BUFFER_BYTES: Final = 32 * 1024
"""Some 40 packets: what nobody asked for is of no use later."""
SILENCE: Final = bytes(FRAME_BYTES)


class LinkSocket:
    """One end as far as the network goes; knows nothing of the bridge."""

    def __init__(self, host: str, ports: Iterable[int] = (0,)) -> None:
        """On the first of `ports` that is free. Raises Unavailable when none is."""
        self._socket = _bound(host, ports)
        port: int = self._socket.getsockname()[1]
        self.end = LinkEnd(host, port, secrets.randbits(32))
        self.sent = 0
        self.strange = 0
        """Packets that were not the other end's."""
        self.buffer = JitterBuffer()
        self._their_ssrc: int | None = None
        self._sequence = secrets.randbits(16)
        self._timestamp = secrets.randbits(32)
        self._paused = True

    def meet(self, other: LinkEnd) -> None:
        """From now on it sends there, and only what comes from there counts."""
        self._socket.connect((other.host, other.port))
        self._their_ssrc = other.ssrc

    def send(self, pcm: bytes) -> None:
        """The next 20 ms; nothing at all is a pause."""
        self._timestamp = (self._timestamp + SAMPLES) & 0xFFFFFFFF
        if self._their_ssrc is None or len(pcm) != FRAME_BYTES:
            self._paused = True
            return
        kind = PAYLOAD_TYPE | MARKER if self._paused else PAYLOAD_TYPE
        self._paused = False
        self._sequence = (self._sequence + 1) & 0xFFFF
        header = HEADER.pack(
            VERSION_2, kind, self._sequence, self._timestamp, self.end.ssrc
        )
        with suppress(OSError):  # nobody is there any more, or the kernel is full
            self._socket.send(header + _swapped(pcm))
        self.sent += 1

    def receive(self) -> None:
        """Take over what has come."""
        if self._their_ssrc is None:
            return
        with suppress(OSError):  # that was all
            while True:
                self._take(self._socket.recv(READ_BYTES))

    def next_frame(self) -> bytes | None:
        """20 ms of what the other end says; None for silence."""
        self.receive()
        frame = self.buffer.pop()
        return None if frame is None else _swapped(frame)

    def close(self) -> None:
        self._their_ssrc = None
        self._socket.close()

    def _take(self, packet: bytes) -> None:
        if len(packet) == PACKET_BYTES:
            version, kind, sequence, _, ssrc = HEADER.unpack_from(packet)
            known = version == VERSION_2 and kind & ~MARKER == PAYLOAD_TYPE
            if known and ssrc == self._their_ssrc:
                self.buffer.put(sequence, packet[HEADER.size :])
                return
        self.strange += 1


class LinkPort(pj.AudioMediaPort):
    """A link's end on the bridge."""

    def __init__(self, link: LinkSocket) -> None:
        super().__init__()
        self._link = link
        self._vector = pj.ByteVector()
        self._vector.resize(FRAME_BYTES)
        self._room = address_of(self._vector)
        form = pj.MediaFormatAudio()
        form.init(pj.PJMEDIA_FORMAT_PCM, RATE_HZ, 1, FRAME_US, 16)
        try:
            self.createPort("link", form)
        except pj.Error as error:
            raise MediaError(f"no link: {error.reason}") from error

    @contained
    @override
    def onFrameReceived(self, frame: pj.MediaFrame) -> None:
        self._link.send(pcm_of(frame))
        self._link.receive()  # nobody may be asking for it now

    @contained
    @override
    def onFrameRequested(self, frame: pj.MediaFrame) -> None:
        ctypes.memmove(self._room, self._link.next_frame() or SILENCE, FRAME_BYTES)
        frame.buf = self._vector  # copied in C
        frame.size = FRAME_BYTES
        frame.type = pj.PJMEDIA_FRAME_TYPE_AUDIO


class Link:
    """A link's end in this process: its socket, its port, and what is connected."""

    def __init__(self, bridge: Bridge, ends_at: LinkSocket) -> None:
        """Takes the socket over. Raises MediaError when the bridge has no port left."""
        self._bridge = bridge
        self._socket = ends_at
        self._port: LinkPort | None = LinkPort(ends_at)
        self.audio = LegAudio(bridge, lambda: self._port)
        bridge.keep(self._port)

    @property
    def end(self) -> LinkEnd:
        return self._socket.end

    def meet(self, other: LinkEnd) -> None:
        self._socket.meet(other)

    def close(self) -> None:
        """Nothing is heard over it from now on."""
        if self._port is not None:
            self._bridge.drop(self._port)
            self._port = None
            self._socket.close()


def address_of(vector: pj.ByteVector) -> int:
    """Where the bytes of a vector are: its first word, as C++ lays it out.

    Python would ask the library for each of its bytes, 0.24 ms for a frame.
    """
    return ctypes.c_void_p.from_address(int(vector.this)).value or 0


def _swapped(pcm: bytes) -> bytes:
    """Between this machine's byte order and the network's."""
    samples = array("h", pcm)
    samples.byteswap()
    return samples.tobytes()


def _bound(host: str, ports: Iterable[int]) -> socket.socket:
    for port in ports:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, READ_BUFFER_BYTES)
        try:
            sock.bind((host, port))
        except OSError:
            sock.close()
        else:
            return sock
    raise Unavailable("a port for a link", f"none is free on {host}")
