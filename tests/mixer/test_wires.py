"""What a room takes from the network and what not, packet by packet."""

import socket
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise

import pytest

from tests.mixer.conftest import Join
from tests.mixer.phones import HOST, Phone, pass_a_tick, tone, tones_in, until, voice
from tests.servers.free_ports import free_port
from voiceplat.calls.link import LinkEnd
from voiceplat.core.errors import Unavailable
from voiceplat.links.rtp import HEADER
from voiceplat.mixer.mix import Mix
from voiceplat.mixer.wires import PER_SOCKET

SSRC = 4711
ROOM_HZ = 3000


class Network:
    """A member whose packets a test writes itself, and a phone that listens to it."""

    def __init__(self, mix: Mix, listener: Phone, sock: socket.socket) -> None:
        self.mix = mix
        self.listener = listener
        self.socket = sock
        self.end = LinkEnd(HOST, sock.getsockname()[1], SSRC)
        self.room = mix.add(99, self.end)

    def send(self, number: int, *, ssrc: int = SSRC, kind: int = 97) -> None:
        """Frame `number`, which is a tone of its own."""
        header = HEADER.pack(0x80, kind, number & 0xFFFF, number * 160, ssrc)
        self.send_raw(header + swapped(tone(voice(number % 50))))

    def send_raw(self, packet: bytes) -> None:
        self.socket.sendto(packet, (HOST, self.room.port))

    def heard(self, ticks: int = 1) -> list[int | None]:
        """Numbers of the frames that the listener hears in so many ticks."""
        frames: list[int | None] = []
        for _ in range(ticks):
            pass_a_tick(self.mix, [self.listener])
            (hz, *none) = self.listener.tones or {0}
            assert not none
            frames.append((hz - voice(0)) // 50 if hz else None)
        return frames

    def until_received(self, count: int) -> None:
        def is_there() -> bool:
            self.mix._wires.receive()
            return self.mix.quality[99].received >= count

        until(is_there)


def swapped(pcm: bytes) -> bytes:
    return b"".join(pcm[at + 1 : at + 2] + pcm[at : at + 1] for at in range(0, 320, 2))


@pytest.fixture
def network(mix: Mix, join: Join) -> Iterator[Network]:
    listener = join(1)
    mix.allow(1, speaks=False, hears=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))
        yield Network(mix, listener, sock)


def test_reordered_and_doubled_frames_are_heard_once_and_in_order(
    network: Network,
) -> None:
    for number in (1, 3, 2, 2, 3, 4):
        network.send(number)
    network.until_received(6)

    assert network.heard(5) == [1, 2, 3, 4, None]
    assert network.mix.quality[99].late == 2


def test_a_lost_frame_is_silence_and_counted(network: Network) -> None:
    for number in (1, 2, 4):
        network.send(number)
    network.until_received(3)

    assert network.heard(4) == [1, 2, None, 4]
    assert network.mix.quality[99].lost == 1


def test_a_late_frame_is_not_heard_and_counted(network: Network) -> None:
    for number in (1, 3):
        network.send(number)
    network.until_received(2)
    assert network.heard(3) == [1, None, 3]

    network.send(2)
    network.until_received(3)

    assert network.heard(1) == [None]
    assert network.mix.quality[99].late == 1


def test_who_stops_sending_is_silent_and_is_heard_again_when_he_goes_on(
    network: Network,
) -> None:
    network.send(1)
    network.until_received(1)
    assert network.heard(100) == [1, *[None] * 99]

    network.send(2)
    network.until_received(2)

    assert network.heard(2) == [2, None]


def test_packets_of_nobody_here_are_dropped(network: Network) -> None:
    network.send(5, ssrc=SSRC + 1)
    network.send(5, kind=98)
    network.send_raw(b"")
    network.send_raw(b"\x80" * 5)
    network.send_raw(HEADER.pack(0x80, 97, 5, 0, SSRC) + bytes(319))
    network.send_raw(HEADER.pack(0x00, 97, 5, 0, SSRC) + bytes(320))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        packet = HEADER.pack(0x80, 97, 5, 0, SSRC) + bytes(320)
        stranger.sendto(packet, (HOST, network.room.port))
    network.send(1)
    network.until_received(1)

    assert network.heard(2) == [1, None]
    assert network.mix.quality[99].received == 1
    shared = network.mix._of[99][1].shared

    def all_came() -> bool:
        network.mix._wires.receive()
        return shared.strange == 7

    until(all_came)


def test_a_member_who_has_left_is_not_heard_and_hears_nothing(
    network: Network,
) -> None:
    network.mix.remove(99)
    network.send(1)

    assert network.heard(2) == [None, None]
    network.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        network.socket.recv(2048)


def test_what_a_member_gets_is_rtp_of_its_own(network: Network) -> None:
    network.socket.settimeout(20)
    network.mix.allow(1, speaks=True, hears=True)
    network.heard(3)

    packets = [network.socket.recv(2048) for _ in range(3)]

    headers = [HEADER.unpack_from(packet) for packet in packets]
    assert {(it[0], it[1] & 0x7F, it[4]) for it in headers} == {
        (0x80, 97, network.room.ssrc)
    }
    assert [it[1] & 0x80 for it in headers] == [0x80, 0, 0]
    for before, after in pairwise(headers):
        assert (after[2] - before[2]) % 0x10000 == 1
        assert (after[3] - before[3]) % 2**32 == 160
    assert tones_in(swapped(packets[-1][12:])) == {voice(1)}


def test_a_few_members_share_a_port_and_the_next_ones_have_another(mix: Mix) -> None:
    ends = [mix.add(n, LinkEnd(HOST, 9, n)) for n in range(2 * PER_SOCKET + 1)]

    ports = [end.port for end in ends]
    assert len(set(ports[:PER_SOCKET])) == len(set(ports[PER_SOCKET:-1])) == 1
    assert len(set(ports)) == 3
    assert len({end.ssrc for end in ends}) == len(ends)


def test_a_room_takes_the_first_port_that_is_free_and_gives_it_back() -> None:
    port = free_port()
    one, two = (Mix(host=HOST, ports=[port]) for _ in range(2))
    with closing(one._wires), closing(two._wires):
        assert one.add(1, LinkEnd(HOST, 9, 1)).port == port
        with pytest.raises(Unavailable):
            two.add(1, LinkEnd(HOST, 9, 1))
        assert not two.quality

        one.remove(1)

        assert two.add(1, LinkEnd(HOST, 9, 1)).port == port


def test_a_room_that_has_ended_lets_its_members_go(mix: Mix) -> None:
    mix.add(1, LinkEnd(HOST, 9, 1))
    mix._wires.close()

    mix.remove(1)

    assert not mix.quality


def test_nobody_is_in_a_room_twice(mix: Mix) -> None:
    mix.add(1, LinkEnd(HOST, 9, 1))

    with pytest.raises(ValueError, match="member 1"):
        mix.add(1, LinkEnd(HOST, 9, 2))
    with pytest.raises(ValueError, match="already"):
        mix.add(2, LinkEnd(HOST, 9, 1))
    assert list(mix.quality) == [1]
