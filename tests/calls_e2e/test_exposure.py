"""What of a running platform can be reached from another machine: what phones need."""

from collections.abc import Iterator
from typing import Final

import pytest

from tests.calls_e2e.conftest import TONE, Site, World, set_up
from tests.servers.sockets import Listening, listening, own_address

pytestmark = [pytest.mark.edge, pytest.mark.sip]

SIP_HOST: Final = own_address()
RTP_PORTS: Final = range(30000, 35000)
"""The default of `sip.rtp_port_min` and `sip.rtp_port_max`."""


@pytest.fixture
def site() -> Iterator[Site]:
    """A platform that phones of other machines may use."""
    with set_up({}, sip_host=SIP_HOST) as made:
        yield made


def for_phones(world: World) -> set[tuple[str, str, int]]:
    """Program, protocol and port; rtpengine's are a range (docs/security.md)."""
    ports = [
        int(at.rpartition(":")[2]) for at in (world.platform.sip, world.platform.tls)
    ]
    sip, tls = ports
    wss = int(world.platform.wss.rpartition(":")[2].strip("/"))
    return {
        ("kamailio", "udp", sip),
        ("kamailio", "tcp", sip),
        ("kamailio", "tcp", tls),
        ("kamailio", "tcp", wss),
    }


def is_audio(it: Listening) -> bool:
    return (it.program, it.protocol) == ("rtpengine", "udp") and it.port in RTP_PORTS


async def test_nothing_else_is_reached_from_elsewhere_during_a_call(
    world: World,
) -> None:
    """A conference with a caller in it: worker, mixer, links, audio are all there."""
    world.customer.serves("/tone.wav", TONE)
    room = "<Conference>exposed</Conference>"
    await world.application(answer_url=world.customer.document("/answer", room))
    call = await world.dialled(await world.carrier())
    await call.until_answered()
    await world.customer.asked_for("/answer")

    sockets = listening(world.platform.process.pid)
    outside = {it for it in sockets if not it.host.is_loopback}
    if SIP_HOST.startswith("127."):
        outside = {it for it in sockets if str(it.host) == SIP_HOST}

    assert {it.program for it in sockets} >= {"kamailio", "rtpengine", "redis-server"}
    reached = {(it.program, it.protocol, it.port) for it in outside if not is_audio(it)}
    assert reached == for_phones(world)
    assert any(is_audio(it) for it in outside)
    assert {str(it.host) for it in outside} == {SIP_HOST}
