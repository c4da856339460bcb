"""A link between two sockets: what is taken, what is not, and what gets lost."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.servers.free_ports import free_port
from voiceplat.core.errors import Unavailable
from voiceplat.links.link_socket import LinkSocket
from voiceplat.links.rtp import HEADER, frame_bytes

HOST = "127.0.0.1"
FRAME_BYTES = frame_bytes(8000)


def frame(number: int) -> bytes:
    return number.to_bytes(2, "little") * (FRAME_BYTES // 2)


@pytest.fixture
def ends() -> Iterator[tuple[LinkSocket, LinkSocket]]:
    with closing(LinkSocket(HOST)) as one, closing(LinkSocket(HOST)) as other:
        one.meet(other.end)
        other.meet(one.end)
        yield one, other


def test_frames_arrive_as_they_were_sent(ends: tuple[LinkSocket, LinkSocket]) -> None:
    one, other = ends

    for number in range(1, 4):
        one.send(frame(number))

    assert [other.next_frame() for _ in range(4)] == [
        frame(1),
        frame(2),
        frame(3),
        None,
    ]


def test_a_packet_is_rtp_with_16_bits_in_network_order() -> None:
    with (
        closing(LinkSocket(HOST)) as one,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer,
    ):
        peer.bind((HOST, 0))
        peer.settimeout(5)
        one.meet(type(one.end)(HOST, peer.getsockname()[1], 7))
        for number in (1, 2):
            one.send(frame(number))

        packets = [peer.recv(2048) for _ in range(2)]

    first, second = (HEADER.unpack_from(packet) for packet in packets)
    assert (first[0], first[1] & 0x7F, second[1]) == (0x80, 97, 97)
    assert first[1] & 0x80, "the first packet after a pause is marked"
    assert (second[2] - first[2]) % 0x10000 == 1
    assert (second[3] - first[3]) % 2**32 == 160
    assert first[4] == second[4] == one.end.ssrc
    assert packets[0][12:14] == b"\x00\x01"
    assert len(packets[0]) == 12 + 320


def test_a_pause_sends_nothing_and_time_goes_on() -> None:
    with (
        closing(LinkSocket(HOST)) as one,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer,
    ):
        peer.bind((HOST, 0))
        peer.settimeout(5)
        one.meet(type(one.end)(HOST, peer.getsockname()[1], 7))
        one.send(frame(1))
        for _ in range(5):
            one.send(b"")
        one.send(frame(2))

        first, second = (HEADER.unpack_from(peer.recv(2048)) for _ in range(2))

    assert (second[2] - first[2]) % 0x10000 == 1
    assert (second[3] - first[3]) % 2**32 == 160 * 6
    assert second[1] & 0x80


def test_packets_of_another_source_are_not_taken(
    ends: tuple[LinkSocket, LinkSocket],
) -> None:
    one, other = ends
    with closing(LinkSocket(HOST)) as stranger:
        stranger.meet(other.end)
        stranger.send(frame(9))

    one.send(frame(1))

    assert [other.next_frame(), other.next_frame()] == [frame(1), None]


def test_packets_with_another_ssrc_and_what_is_no_rtp_are_counted_and_dropped() -> None:
    with (
        closing(LinkSocket(HOST)) as one,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer,
    ):
        peer.bind((HOST, 0))
        one.meet(type(one.end)(HOST, peer.getsockname()[1], 7))
        for packet in (
            HEADER.pack(0x80, 97, 1, 0, 8) + bytes(320),
            HEADER.pack(0x80, 0, 1, 0, 7) + bytes(320),
            HEADER.pack(0x80, 97, 1, 0, 7) + bytes(160),
            b"hello",
        ):
            peer.sendto(packet, (HOST, one.end.port))

        assert one.next_frame() is None
        assert one.strange == 4


def test_an_end_that_nobody_met_is_silent() -> None:
    with closing(LinkSocket(HOST)) as one:
        one.send(frame(1))

        assert one.next_frame() is None
        assert one.sent == 0


def test_an_end_whose_other_is_gone_goes_on(
    ends: tuple[LinkSocket, LinkSocket],
) -> None:
    one, other = ends
    other.close()

    for number in range(3):
        one.send(frame(number))

        assert one.next_frame() is None


def test_ports_are_taken_from_their_range_one_after_the_other() -> None:
    port = free_port()
    with closing(LinkSocket(HOST, [port])) as one:
        assert one.end.port == port

        with pytest.raises(Unavailable):
            LinkSocket(HOST, [port])


def test_a_link_may_have_16_khz() -> None:
    with (
        closing(LinkSocket(HOST, rate_hz=16000)) as one,
        closing(LinkSocket(HOST, rate_hz=16000)) as other,
        closing(LinkSocket(HOST)) as narrow,
    ):
        one.meet(other.end)
        other.meet(one.end)
        sound = bytes(range(160)) * 4
        one.send(sound)

        assert other.next_frame() == sound

        narrow.meet(one.end)
        one.meet(narrow.end)
        one.send(sound)
        assert narrow.next_frame() is None, "its frames are half as long"
        assert narrow.strange == 1
