"""Which edges may have which ports for audio."""

import pytest

from tests.servers.edge import edge_server
from voiceplat.core.sip_settings import SipSettings
from voiceplat.edge.audio_ports import BLOCK, PortsTaken, audio_ports, spare_audio_ports

HOST = "127.0.0.77"


def sip(first: int, last: int, host: str = HOST) -> SipSettings:
    return SipSettings(
        host=host, private_host=host, rtp_port_min=first, rtp_port_max=last
    )


@pytest.mark.parametrize(
    ("first", "last"), [(4000, 4999), (4600, 4799), (3000, 4000), (4999, 9000)]
)
def test_ports_of_another_edge_are_not_shared(first: int, last: int) -> None:
    with (
        audio_ports(sip(4000, 4999)),
        pytest.raises(PortsTaken, match=r"sip\.rtp_port_min"),
        audio_ports(sip(first, last)),
    ):
        pass


def test_other_ports_and_other_hosts_are_free() -> None:
    with (
        audio_ports(sip(4000, 4999)),
        audio_ports(sip(5000, 5199)),
        audio_ports(sip(4000, 4999, "127.0.0.78")),
    ):
        pass


def test_they_are_free_again_when_the_edge_is_over() -> None:
    for _ in range(2):
        with audio_ports(sip(4000, 4999)):
            pass


def test_a_private_side_counts_too() -> None:
    one = SipSettings(host=HOST, private_host="127.0.0.79", rtp_port_min=4000)
    other = SipSettings(host="127.0.0.80", private_host=HOST, rtp_port_min=4000)
    with audio_ports(one), pytest.raises(PortsTaken), audio_ports(other):
        pass


def test_spare_ports_are_whole_blocks() -> None:
    first, last = spare_audio_ports()
    assert first % BLOCK == 0
    assert last - first + 1 == BLOCK


@pytest.mark.edge
def test_a_second_edge_on_the_same_ports_does_not_start(redis_url: str) -> None:
    with edge_server(redis_url) as running:
        taken = running.settings.sip.rtp_port_min
        with (
            pytest.raises(PortsTaken, match=str(taken)),
            edge_server(redis_url, rtp_port_min=taken, rtp_port_max=taken + 99),
        ):
            pass
