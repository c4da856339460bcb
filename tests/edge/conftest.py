"""An edge with two carriers, two workers and endpoints, each on its own address."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Final

import pytest

from tests.edge.dialog import Caller
from tests.edge.party import Party, udp_party
from tests.edge.sip import ha1, sdp
from tests.servers.edge import PRIVATE_HOST, EdgeServer, edge_server
from voiceplat.bus.bus import Bus
from voiceplat.bus.directory import AppEntry, NumberEntry, TrunkEntry, UserEntry
from voiceplat.core.ids import AppId, AuthId, WorkerAddress

APP: Final = AppId("12345678901234567")
ACCOUNT: Final = AuthId("MA" + "A" * 18)
NUMBER: Final = "15550001111"
PASSWORD: Final = "swordfish"
CARRIER_HOST: Final = "127.0.0.10"
SECOND_CARRIER_HOST: Final = "127.0.0.11"
PHONE_HOST: Final = "127.0.0.20"
STRANGER_HOST: Final = "127.0.0.66"


@pytest.fixture
async def directory(bus: Bus, carrier_ports: tuple[int, int]) -> Bus:
    await bus.directory.put_app(AppEntry(app_id=APP, account=ACCOUNT))
    await bus.directory.put_number(
        NumberEntry(number=NUMBER, account=ACCOUNT, app_id=APP)
    )
    for name, app in (("alice", APP), ("bob", None)):
        await bus.directory.put_user(
            UserEntry(
                username=name,
                ha1=ha1(name, "voiceplat.local", PASSWORD),
                account=ACCOUNT,
                app_id=app,
            )
        )
    first, second = carrier_ports
    await bus.directory.put_trunks(
        [
            TrunkEntry(id=3, name="one", host=CARRIER_HOST, port=first),
            TrunkEntry(
                id=7,
                name="two",
                host=SECOND_CARRIER_HOST,
                port=second,
                from_ips=("127.0.0.11/32", "127.0.44.0/24"),
            ),
        ]
    )
    return bus


@pytest.fixture
def carrier_ports() -> tuple[int, int]:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as two,
    ):
        one.bind((CARRIER_HOST, 0))
        two.bind((SECOND_CARRIER_HOST, 0))
        return one.getsockname()[1], two.getsockname()[1]


@pytest.fixture
def edge(
    request: pytest.FixtureRequest, redis_url: str, directory: Bus
) -> Iterator[EdgeServer]:
    """Settings of `sip` by `@pytest.mark.parametrize("edge", [{…}], indirect=True)`."""
    with edge_server(redis_url, **getattr(request, "param", {})) as server:
        yield server


@pytest.fixture
async def carrier(
    edge: EdgeServer, carrier_ports: tuple[int, int]
) -> AsyncIterator[Party]:
    async with udp_party(CARRIER_HOST, edge.outside, carrier_ports[0]) as party:
        yield party


@pytest.fixture
async def second_carrier(
    edge: EdgeServer, carrier_ports: tuple[int, int]
) -> AsyncIterator[Party]:
    async with udp_party(SECOND_CARRIER_HOST, edge.outside, carrier_ports[1]) as party:
        yield party


@pytest.fixture
async def phone(edge: EdgeServer) -> AsyncIterator[Party]:
    async with udp_party(PHONE_HOST, edge.outside) as party:
        yield party


@pytest.fixture
async def second_phone(edge: EdgeServer) -> AsyncIterator[Party]:
    async with udp_party("127.0.0.21", edge.outside) as party:
        yield party


@pytest.fixture
async def worker(edge: EdgeServer, directory: Bus) -> AsyncIterator[Party]:
    """Its slots are the first to be taken."""
    async with udp_party(PRIVATE_HOST, edge.private) as party:
        await directory.slots.announce(_name(party), free=3, busy=1)
        yield party


@pytest.fixture
async def second_worker(edge: EdgeServer, directory: Bus) -> AsyncIterator[Party]:
    async with udp_party(PRIVATE_HOST, edge.private) as party:
        await directory.slots.announce(_name(party), free=3, busy=0)
        yield party


def _name(party: Party) -> WorkerAddress:
    return WorkerAddress(f"{party.host}:{party.port}")


def call_in(
    party: Party, edge: EdgeServer, to: str = f"+{NUMBER}", **headers: str
) -> Caller:
    """An INVITE as a carrier sends it."""
    host, port = edge.outside
    return Caller(
        party,
        f"sip:{to}@{host}:{port}",
        f"sip:+15557654321@{party.host}",
        body=sdp(party.host, 40000),
        headers=headers,
    )


def call_as(
    party: Party, edge: EdgeServer, user: str, to: str, **headers: str
) -> Caller:
    """An INVITE as a softphone sends it."""
    return Caller(
        party,
        f"sip:{to}@{edge.domain}",
        f"sip:{user}@{edge.domain}",
        body=sdp(party.host, 40000),
        headers=headers,
    )


def call_out(
    worker: Party, edge: EdgeServer, to: str, route: str = "", **headers: str
) -> Caller:
    """An INVITE as a worker sends it."""
    if route:
        headers["X_VP_Route"] = route
    return Caller(
        worker,
        f"sip:{to}@{edge.domain}",
        f"sip:15550001111@{edge.domain}",
        body=sdp(worker.host, 41000),
        headers={"X_VP_Call": "a-call", "User_Agent": "worker/1", **headers},
    )


async def register(
    phone: Party,
    edge: EdgeServer,
    user: str = "alice",
    *,
    password: str = PASSWORD,
    expires: int = 300,
) -> int:
    """The status of the final answer."""
    caller = Caller(
        phone,
        f"sip:{edge.domain}",
        f"sip:{user}@{edge.domain}",
        to=f"sip:{user}@{edge.domain}",
        headers={"Expires": str(expires), "User_Agent": "test phone"},
    )
    await caller.send_with_password(user, password, "REGISTER")
    return (await phone.expect(200, 401, 403, 503)).status


async def until(met: Callable[[], Awaitable[bool]], within_s: float = 3) -> None:
    async with asyncio.timeout(within_s):
        while True:
            if await met():
                return
            await asyncio.sleep(0.02)


def assert_nothing_private(edge: EdgeServer, *outsiders: Party) -> None:
    """What these heard names nobody on the private side, and no private header."""
    heard = [message for party in outsiders for message in party.heard]
    assert heard
    for message in heard:
        assert PRIVATE_HOST not in message, message
        assert f":{edge.private[1]}" not in message, message
        assert "x-vp-" not in message.lower(), message
        assert "worker" not in message.lower(), message
