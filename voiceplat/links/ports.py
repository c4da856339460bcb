"""Which ports the processes of a host may take for each other."""

from collections.abc import Sequence

from voiceplat.core.settings import MediaSettings


def link_ports(media: MediaSettings) -> Sequence[int]:
    """Best first; 0 is any that is free."""
    first = media.link_port_min
    return range(first, first + media.link_ports) if first else (0,)
