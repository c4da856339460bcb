"""Ports for audio that no other server of a test run has."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def rtp_ports(among: range) -> Iterator[tuple[int, int]]:
    """The first and the last of `among.step` ports, ours until the block ends.

    rtpengine opens ports that another one of the same host has open (SO_REUSEADDR), and
    hears its calls then. A TCP port that is bound says whose they are.
    """
    for first in among:
        with socket.socket() as mark:
            try:
                mark.bind(("127.0.0.1", first))
            except OSError:
                continue
            yield first, first + among.step - 1
            return
    raise AssertionError(f"all ports of {among} are taken")
