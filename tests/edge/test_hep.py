"""Envelopes of captured messages, whole and broken."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.edge.hep_packets import chunk, envelope, packet
from voiceplat.edge.hep import BadEnvelope, opened

WHOLE = envelope("OPTIONS", ("127.0.0.3", 5062), ("127.0.0.1", 5060))


def test_what_is_in_an_envelope() -> None:
    captured = opened(WHOLE)

    assert captured.at == datetime(2027, 1, 15, 8, 0, 0, 250_000, tzinfo=UTC)
    assert captured.source == ("127.0.0.3", 5062)
    assert captured.target == ("127.0.0.1", 5060)
    assert captured.is_udp
    assert captured.key == b"key"
    assert captured.payload == b"OPTIONS"


def test_chunks_of_other_vendors_are_passed_over() -> None:
    theirs = chunk(0xF, b"not the message", vendor=7)

    assert opened(packet(WHOLE[6:], theirs)).payload == b"OPTIONS"


@pytest.mark.parametrize(
    "broken",
    [b"", b"HEP3", b"HEP2" + WHOLE[4:], WHOLE[:-1], packet(), packet(WHOLE[6:-13])],
)
def test_what_is_no_envelope_is_refused(broken: bytes) -> None:
    with pytest.raises(BadEnvelope):
        opened(broken)


@given(st.binary(max_size=200), st.integers(0, len(WHOLE) - 1))
def test_no_packet_does_more_than_be_refused(noise: bytes, at: int) -> None:
    for broken in (b"HEP3" + noise, WHOLE[:at] + noise + WHOLE[at + len(noise) :]):
        try:
            opened(broken)
        except BadEnvelope:
            continue
