"""A link's end on the bridge.

Both ways run inside the bridge's tick, on the library's thread: it sends at once, and
reads what the kernel has kept when it asks for a frame. No other thread wakes for it.
"""

import ctypes
from typing import Final

import pjsua2 as pj
from typing_extensions import override

from voiceplat.calls.link import LinkEnd
from voiceplat.core.errors import MediaError
from voiceplat.links.link_socket import LinkSocket
from voiceplat.links.rtp import FRAME_US, frame_bytes
from voiceplat.telephony.leg_audio import LegAudio
from voiceplat.telephony.pj_audio import Bridge, pcm_of
from voiceplat.telephony.pj_call import contained

RATE_HZ: Final = 8000
FRAME_BYTES: Final = frame_bytes(RATE_HZ)
SILENCE: Final = bytes(FRAME_BYTES)


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
