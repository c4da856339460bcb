"""The sockets of running processes, as the kernel lists them."""

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Final

_TABLES: Final = ("tcp", "tcp6", "udp", "udp6")
_LISTENS: Final = {"tcp": "0A", "udp": "07"}
"""The state in which a socket takes what comes: TCP_LISTEN, and UDP without a peer."""
_INODE: Final = re.compile(r"socket:\[(\d+)\]")


@dataclass(frozen=True, slots=True, order=True)
class Listening:
    program: str
    protocol: str
    """`tcp` or `udp`."""
    host: IPv4Address | IPv6Address
    port: int


def listening(pid: int) -> list[Listening]:
    """What that process and all its descendants listen on."""
    table = dict(_table())
    found = set()
    for one in _family(pid):
        program = Path(f"/proc/{one}/comm").read_text().strip()
        for inode in _sockets(one) & table.keys():
            protocol, host, port = table[inode]
            found.add(Listening(program, protocol, host, port))
    return sorted(found, key=str)


def _family(pid: int) -> Iterator[int]:
    yield pid
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            yield from _family(int(child))


def _sockets(pid: int) -> set[str]:
    found = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            match = _INODE.fullmatch(str(descriptor.readlink()))
        except FileNotFoundError:  # closed meanwhile
            continue
        if match:
            found.add(match[1])
    return found


def _table() -> Iterator[tuple[str, tuple[str, IPv4Address | IPv6Address, int]]]:
    """By inode: protocol, host and port."""
    for name in _TABLES:
        protocol = name[:3]
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == _LISTENS[protocol]:
                host, _, port = words[1].partition(":")
                yield words[9], (protocol, _address(host), int(port, 16))


def _address(text: str) -> IPv4Address | IPv6Address:
    """The kernel writes words of 32 bits in the order of the machine."""
    words = [bytes.fromhex(text[at : at + 8])[::-1] for at in range(0, len(text), 8)]
    return ip_address(b"".join(words))


def own_address() -> str:
    """One that other machines reach this one by; a loopback one when there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("192.0.2.1", 9))  # nothing is sent
        except OSError:
            return "127.0.0.9"
        host: str = asking.getsockname()[0]
        return host
