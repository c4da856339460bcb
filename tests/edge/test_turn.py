"""The TURN server: who may use it, and where it leads to."""

import asyncio
import signal
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.edge.conftest import register, until
from tests.edge.party import Party
from tests.edge.rtp import rtp_end
from tests.edge.sip import Message
from tests.edge.turn_client import Transport, TurnClient, turn_client
from tests.servers.edge import PRIVATE_HOST, EdgeServer, edge_server
from voiceplat.bus.bus import Bus
from voiceplat.core.clock import utc_now
from voiceplat.core.settings import MediaSettings, SecuritySettings, Settings
from voiceplat.core.sip_settings import SipSettings
from voiceplat.core.turn_settings import TurnSettings
from voiceplat.edge.render import CannotConfigure
from voiceplat.edge.turn import turn_configuration
from voiceplat.services.turn_access import NoTurnSecret, TurnAccess, turn_access

pytestmark = pytest.mark.edge

HOST = "127.0.0.8"
ADVERTISED_HOST = "198.51.100.1"
UNAUTHORIZED, FORBIDDEN, QUOTA_REACHED = 401, 403, 486
GOOD_S = 600
PATIENCE_S = 10


@pytest.fixture
def edge(
    request: pytest.FixtureRequest, redis_url: str, directory: Bus
) -> Iterator[EdgeServer]:
    with edge_server(
        redis_url, **{"host": HOST, "turn": {}, **getattr(request, "param", {})}
    ) as server:
        yield server


def access(
    edge: EdgeServer, user: str = "alice", ends_in_s: int = GOOD_S
) -> TurnAccess:
    valid = timedelta(seconds=edge.settings.turn.credentials_valid_s)
    now = utc_now() - valid + timedelta(seconds=ends_in_s)
    return turn_access(user, edge.settings, now)


def server(edge: EdgeServer, transport: Transport = "udp") -> tuple[str, int]:
    turn = edge.settings.turn
    return HOST, turn.tls_port if transport == "tls" else turn.port


def relay_ports(edge: EdgeServer) -> range:
    turn = edge.settings.turn
    return range(turn.relay_port_min, turn.relay_port_max + 1)


def options(edge: EdgeServer, tag: str) -> bytes:
    host, port = edge.outside
    headers = [
        ("Via", f"SIP/2.0/UDP {host}:9;branch=z9hG4bK{tag};rport"),
        ("From", f"<sip:x@{host}>;tag={tag}"),
        ("To", f"<sip:{host}>"),
        ("Call-ID", tag),
        ("CSeq", "1 OPTIONS"),
        ("Max-Forwards", "70"),
    ]
    return Message(f"OPTIONS sip:{host}:{port} SIP/2.0", headers).text().encode()


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_what_a_browser_sends_comes_out_at_rtpengines_address(
    edge: EdgeServer, transport: Transport
) -> None:
    async with (
        turn_client(server(edge, transport), access(edge), transport) as client,
        rtp_end(HOST) as rtpengine,
    ):
        answer = await client.allocate()
        assert answer.error == 0
        assert (await client.permit(HOST)).error == 0
        await _until_through(client, rtpengine.heard, rtpengine.port)

        assert rtpengine.heard[0] == b"sound"
        assert rtpengine.sources[0] == answer.relayed
        assert answer.relayed[1] in relay_ports(edge)


async def _until_through(client: TurnClient, heard: list[bytes], port: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not heard:
            await client.send(b"sound", HOST, port)
            await asyncio.sleep(0.1)


async def test_who_has_no_good_credential_has_no_relay(edge: EdgeServer) -> None:
    good = access(edge)
    for refused in (
        replace(good, password="a guess"),
        replace(good, username=f"{good.username}x"),
        replace(good, username=good.username.replace("1", "9", 1)),
        access(edge, ends_in_s=-1),
        TurnAccess("alice", "swordfish"),
        TurnAccess("", ""),
    ):
        async with turn_client(server(edge), refused) as client:
            assert (await client.allocate()).error == UNAUTHORIZED, refused


@pytest.mark.parametrize(
    "peer",
    [
        "127.0.0.1",  # Redis
        PRIVATE_HOST,  # call workers
        "10.0.0.1",
        "169.254.169.254",  # the cloud's secrets
        "192.168.1.1",
        "198.51.100.7",
        "0.0.0.0",  # noqa: S104 - nobody listens there
    ],
)
async def test_the_relay_leads_to_nobody_else(edge: EdgeServer, peer: str) -> None:
    async with turn_client(server(edge), access(edge)) as client:
        assert (await client.allocate()).error == 0

        assert (await client.permit(peer)).error == FORBIDDEN


async def test_the_relay_makes_no_tcp_connections(
    edge: EdgeServer, redis_url: str
) -> None:
    async with turn_client(server(edge, "tcp"), access(edge), "tcp") as client:
        answer = await client.allocate(tcp=True)

        assert answer.error != 0
        assert (await client.connect(HOST, edge.outside[1])).error != 0


async def test_no_sip_comes_in_through_the_relay(
    edge: EdgeServer, phone: Party
) -> None:
    host, port = edge.outside
    async with turn_client(server(edge), access(edge)) as client:
        await client.allocate()
        await client.permit(host)
        await client.send(options(edge, "relayed"), host, port)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as beside:
            beside.setblocking(False)
            beside.bind((HOST, 0))  # the same address, another port
            beside.sendto(options(edge, "beside"), (host, port))
            async with asyncio.timeout(PATIENCE_S):
                answer = await asyncio.get_running_loop().sock_recv(beside, 4096)

        assert answer.startswith(b"SIP/2.0 200")
        assert await client.hears_nothing()


@pytest.mark.parametrize("edge", [{"turn": {"relays_per_user": 2}}], indirect=True)
async def test_an_endpoint_has_its_share_of_the_relay(edge: EdgeServer) -> None:
    async with (
        turn_client(server(edge), access(edge)) as one,
        turn_client(server(edge), access(edge, ends_in_s=GOOD_S + 1)) as two,
        turn_client(server(edge), access(edge)) as three,
        turn_client(server(edge), access(edge, "bob")) as others,
    ):
        assert (await one.allocate()).error == 0
        assert (await two.allocate()).error == 0

        assert (await three.allocate()).error == QUOTA_REACHED
        assert (await others.allocate()).error == 0


@pytest.mark.parametrize("edge", [{"advertised_host": ADVERTISED_HOST}], indirect=True)
async def test_behind_nat_our_public_address_is_rtpengines(edge: EdgeServer) -> None:
    async with (
        turn_client(server(edge), access(edge)) as client,
        rtp_end(HOST) as rtpengine,
    ):
        answer = await client.allocate()
        assert answer.relayed[0] == ADVERTISED_HOST
        assert (await client.permit(ADVERTISED_HOST)).error == 0
        async with asyncio.timeout(PATIENCE_S):
            while not rtpengine.heard:
                await client.send(b"sound", ADVERTISED_HOST, rtpengine.port)
                await asyncio.sleep(0.1)

        assert rtpengine.sources[0] == (HOST, answer.relayed[1])


async def test_a_phone_that_is_no_browser_gets_no_ticket(
    edge: EdgeServer, phone: Party
) -> None:
    assert await register(phone, edge) == 200

    assert "X-VP-Turn" not in phone.heard[-1]


async def test_a_turn_server_that_died_is_started_again(edge: EdgeServer) -> None:
    edge.edge.turn.send_signal(signal.SIGKILL)

    async with asyncio.timeout(PATIENCE_S * 2):
        while True:
            try:
                async with turn_client(server(edge), access(edge)) as client:
                    assert (await client.allocate()).error == 0
                    return
            except OSError:
                await asyncio.sleep(0.2)


async def test_a_new_certificate_is_shown_by_the_turn_server_too(
    edge: EdgeServer,
) -> None:
    def shown() -> str:
        return ssl.get_server_certificate(server(edge, "tls"))

    before = shown()
    for file in (edge.settings.data / "edge" / "tls").iterdir():
        file.unlink()  # is missed, and made anew

    async def is_new() -> bool:
        return shown() != before

    await until(is_new, within_s=20)


def settings(**parts: object) -> Settings:
    given: dict[str, object] = {
        "sip": SipSettings(host="192.0.2.1"),
        "turn": TurnSettings(port=3478),
        "security": SecuritySettings(secret_key="k" * 44),
    }
    return Settings.model_validate(given | parts)


@pytest.mark.parametrize(
    "parts",
    [
        {"sip": SipSettings(host="192.0.2.1", private_host="192.0.2.1")},
        {"media": MediaSettings(private_host="192.0.2.1")},
        {"sip": SipSettings()},
    ],
)
def test_who_relays_to_the_workers_is_told_so(parts: dict[str, object]) -> None:
    with pytest.raises(CannotConfigure, match="private_host"):
        turn_configuration(settings(**parts), Path("/run/edge"))


def test_a_name_is_no_address_to_relay_to() -> None:
    with pytest.raises(CannotConfigure, match=r"sip\.host"):
        turn_configuration(
            settings(sip=SipSettings(host="voice.example.com")), Path("/run/edge")
        )


def test_without_a_secret_nobody_is_let_in() -> None:
    with pytest.raises(NoTurnSecret):
        turn_configuration(settings(security=SecuritySettings()), Path("/run/edge"))
