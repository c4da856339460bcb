"""Trunks as Kamailio reads them: where their calls go, from where theirs may come.

Names are resolved here and not by Kamailio: a name that cannot be resolved costs its
own trunk and no other, and no SIP process ever waits for DNS.
"""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final

import structlog

from voiceplat.bus.directory import TrunkEntry
from voiceplat.core.number_format import number_format

log = structlog.get_logger()

RESOLVE_TIMEOUT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class ReachableTrunk:
    entry: TrunkEntry
    addresses: tuple[str, ...]
    """IPv4, in the order of DNS."""

    @property
    def sources(self) -> tuple[str, ...]:
        """Networks from which its calls come, without host bits."""
        wanted = self.entry.from_ips or self.addresses
        return tuple(str(ip_network(source, strict=False)) for source in wanted)


async def resolve(trunks: Iterable[TrunkEntry]) -> list[ReachableTrunk]:
    """The trunks whose host has an address, all asked at once."""
    entries = list(trunks)
    found = await asyncio.gather(*(_addresses(entry) for entry in entries))
    return [
        ReachableTrunk(entry, addresses)
        for entry, addresses in zip(entries, found, strict=True)
        if addresses or entry.from_ips
    ]


def dispatcher_list(trunks: Sequence[ReachableTrunk]) -> str:
    """One set per trunk, one destination per address; outbound.cfg reads the rest."""
    lines = ["# setid destination flags priority attrs"]
    for trunk in trunks:
        entry = trunk.entry
        lines += [
            f"{entry.id} sip:{address}:{entry.port} 0 {len(trunk.addresses) - place} "
            f"{_attributes(entry)}"
            for place, address in enumerate(trunk.addresses)
        ]
    return "\n".join([*lines, ""])


def address_list(trunks: Sequence[ReachableTrunk]) -> str:
    """Trunk ids by network; of overlapping networks the narrowest comes first."""
    rows = [
        (ip_network(source), trunk.entry.id)
        for trunk in trunks
        for source in trunk.sources
    ]
    rows.sort(key=lambda row: (-row[0].prefixlen, row[1]))
    lines = [
        f"{trunk} {network.network_address} {network.prefixlen} 0 {trunk}"
        for network, trunk in rows
    ]
    return "\n".join(["# group address mask port tag", *lines, ""])


def _attributes(entry: TrunkEntry) -> str:
    """What the edge must know of a trunk whose turn it is; no values, no names."""
    written = number_format(entry.number_format)
    attributes = {
        "name": f"{entry.host}:{entry.port}",
        "abroad": written.abroad,
        "country": written.country,
        "domestic": written.domestic,
        "prefix": entry.dial_prefix,
        "cps": entry.calls_per_second,
        "max": entry.calls_max,
        "trusted": int(entry.trusted),
    }
    return ";".join(f"{name}={value}" for name, value in attributes.items() if value)


async def _addresses(entry: TrunkEntry) -> tuple[str, ...]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_TIMEOUT_S):
            found = await loop.getaddrinfo(
                entry.host, entry.port, family=socket.AF_INET, type=socket.SOCK_DGRAM
            )
    except (OSError, TimeoutError) as error:
        log.warning("trunk_unresolved", trunk=entry.id, host=entry.host, why=str(error))
        return ()
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))
