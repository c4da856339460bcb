"""Ports that nobody has at this moment, on loopback."""

from voiceplat.cli.children import free_port

__all__ = ["free_port", "free_ports"]


def free_ports(count: int) -> list[int]:
    """Different ones."""
    ports: set[int] = set()
    while len(ports) < count:
        ports.add(free_port())
    return list(ports)
