"""HEP3 packets as Kamailio makes them."""

import struct
from ipaddress import ip_address

Place = tuple[str, int]
AT_S, AT_US = 1_800_000_000, 250_000


def chunk(kind: int, data: bytes, vendor: int = 0) -> bytes:
    return struct.pack("!HHH", vendor, kind, 6 + len(data)) + data


def packet(*chunks: bytes) -> bytes:
    body = b"".join(chunks)
    return b"HEP3" + struct.pack("!H", 6 + len(body)) + body


def envelope(
    payload: str, source: Place, target: Place, *, key: str = "key", protocol: int = 17
) -> bytes:
    return packet(
        chunk(0x1, b"\x02"),
        chunk(0x2, bytes([protocol])),
        chunk(0x3, ip_address(source[0]).packed),
        chunk(0x4, ip_address(target[0]).packed),
        chunk(0x7, struct.pack("!H", source[1])),
        chunk(0x8, struct.pack("!H", target[1])),
        chunk(0x9, struct.pack("!I", AT_S)),
        chunk(0xA, struct.pack("!I", AT_US)),
        chunk(0xB, b"\x01"),
        chunk(0xC, struct.pack("!I", 1)),
        chunk(0xE, key.encode()),
        chunk(0xF, payload.encode()),
    )
