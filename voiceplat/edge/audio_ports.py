"""The UDP ports for audio belong to one edge of a machine.

rtpengine opens ports that another rtpengine has open (it sets SO_REUSEADDR), without a
word: each of the two then gets packets of the other's calls.
"""

import secrets
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from voiceplat.core.errors import VoiceplatError
from voiceplat.core.sip_settings import SipSettings

BLOCK: Final = 200
"""Ports that are told apart; edges beside each other begin at a multiple of it."""
_BESIDE: Final = range(20000, 30000, BLOCK)
"""Where nothing of ours is by default."""


class PortsTaken(VoiceplatError):
    def __init__(self, host: str, block: int) -> None:
        first = block * BLOCK
        super().__init__(
            f"UDP {first}-{first + BLOCK - 1} of {host} carry the audio of another "
            "voiceplat edge on this machine: choose others, "
            "sip.rtp_port_min and sip.rtp_port_max"
        )


@contextmanager
def audio_ports(sip: SipSettings) -> Iterator[None]:
    """Ours until the block ends. Raises PortsTaken."""
    blocks = range(sip.rtp_port_min // BLOCK, sip.rtp_port_max // BLOCK + 1)
    with ExitStack() as stack:
        for host in {sip.host, sip.private_host}:
            for block in blocks:
                # known to the whole machine, containers on its network too
                mark = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                stack.enter_context(mark)
                try:
                    mark.bind(f"\0voiceplat-audio-{host}-{block}")
                except OSError as error:
                    raise PortsTaken(host, block) from error
        yield


def spare_audio_ports() -> tuple[int, int]:
    """The first and the last of ports for a second, small edge of a machine."""
    first = secrets.choice(_BESIDE)
    return first, first + BLOCK - 1
