"""HEP3, the envelope of captured SIP messages: a chain of chunks, each with its length.

Vendor 0 (all that Kamailio's siptrace sends); others are passed over.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Final

from voiceplat.core.errors import VoiceplatError

_MAGIC: Final = b"HEP3"
_HEADER: Final = struct.Struct("!4sH")
_CHUNK: Final = struct.Struct("!HHH")
_PROTOCOL, _SOURCE_4, _TARGET_4, _SOURCE_6, _TARGET_6 = 0x2, 0x3, 0x4, 0x5, 0x6
_SOURCE_PORT, _TARGET_PORT, _SECONDS, _MICROSECONDS = 0x7, 0x8, 0x9, 0xA
_KEY, _PAYLOAD = 0xE, 0xF
_UDP: Final = 17


class BadEnvelope(VoiceplatError):
    """A packet that is not HEP3."""


@dataclass(frozen=True, slots=True)
class Captured:
    at: datetime
    source: tuple[str, int]
    target: tuple[str, int]
    is_udp: bool
    key: bytes
    """The password of whoever captured it."""
    payload: bytes


def opened(packet: bytes) -> Captured:
    """Raises BadEnvelope."""
    chunks = dict(_chunks(packet))
    try:
        return Captured(
            at=datetime.fromtimestamp(_number(chunks[_SECONDS]), UTC)
            + timedelta(microseconds=_number(chunks[_MICROSECONDS])),
            source=_place(chunks, _SOURCE_4, _SOURCE_6, _SOURCE_PORT),
            target=_place(chunks, _TARGET_4, _TARGET_6, _TARGET_PORT),
            is_udp=_number(chunks[_PROTOCOL]) == _UDP,
            key=chunks.get(_KEY, b""),
            payload=chunks[_PAYLOAD],
        )
    except KeyError as error:
        raise BadEnvelope(f"chunk {error} is missing") from error
    except (ValueError, OverflowError) as error:
        raise BadEnvelope(str(error)) from error


def _chunks(packet: bytes) -> Iterator[tuple[int, bytes]]:
    if len(packet) < _HEADER.size:
        raise BadEnvelope("too short")
    magic, length = _HEADER.unpack_from(packet)
    if magic != _MAGIC or length > len(packet):
        raise BadEnvelope("no HEP3, or cut short")
    at = _HEADER.size
    while at + _CHUNK.size <= length:
        vendor, kind, size = _CHUNK.unpack_from(packet, at)
        if size < _CHUNK.size or at + size > length:
            raise BadEnvelope(f"chunk {kind} is {size} bytes long")
        if vendor == 0:
            yield kind, packet[at + _CHUNK.size : at + size]
        at += size


def _place(chunks: dict[int, bytes], ip4: int, ip6: int, port: int) -> tuple[str, int]:
    packed = chunks[ip4] if ip4 in chunks else chunks[ip6]
    return str(ip_address(packed)), _number(chunks[port])


def _number(chunk: bytes) -> int:
    return int.from_bytes(chunk, "big")
