"""Which addresses are private, and which of them may be connected to all the same."""

from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)

from voiceplat.core.errors import VoiceplatError

_NAT64 = IPv6Network("64:ff9b::/96")
_LOW_32_BITS = 0xFFFFFFFF


class PrivateAddress(VoiceplatError):
    """A URL leads to an address that is not of the public internet."""

    def __init__(self, address: str) -> None:
        super().__init__(
            f"{address} is a private address; security.allowed_private_networks "
            "and security.allow_private_urls say which are allowed"
        )
        self.address = address


@dataclass(frozen=True, slots=True)
class Reach:
    """Which addresses may be connected to, besides those of the public internet."""

    everywhere: bool = False
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def require(self, address: str) -> None:
        """Raise PrivateAddress unless it may be connected to.

        Raises ValueError when `address` is a name and not an IP address.
        """
        if not (self.everywhere or self._allows(ip_address(address))):
            raise PrivateAddress(address)

    def _allows(self, address: IPv4Address | IPv6Address) -> bool:
        if isinstance(address, IPv6Address) and (inner := _embedded(address)):
            return self._allows(inner)
        return _is_public(address) or any(address in it for it in self.networks)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False  # fec0::/10: deprecated, yet routed inside
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified
    )


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to this one end up at, if there is one."""
    if address in _NAT64:
        return IPv4Address(int(address) & _LOW_32_BITS)
    return address.ipv4_mapped or address.sixtofour
