"""Platform, carrier and phone on one address, as with `voiceplat up`."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.edge.conftest import (
    PASSWORD,
    call_as,
    call_in,
    call_out,
    register,
)
from tests.edge.dialog import connect
from tests.edge.party import Party, udp_party
from tests.servers.edge import OUTSIDE_HOST, EdgeServer, edge_server
from tests.servers.free_ports import free_port
from voiceplat.bus.bus import Bus
from voiceplat.bus.directory import TrunkEntry

pytestmark = pytest.mark.edge

PORT = free_port()


@pytest.fixture
async def directory(directory: Bus) -> Bus:
    await directory.directory.put_trunks(
        [TrunkEntry(id=3, name="one", host=OUTSIDE_HOST, port=PORT)]
    )
    return directory


@pytest.fixture
def edge(redis_url: str, directory: Bus) -> Iterator[EdgeServer]:
    with edge_server(
        redis_url, private_host=OUTSIDE_HOST, private_sources=("127.0.0.0/8",)
    ) as server:
        yield server


@pytest.fixture
async def carrier(edge: EdgeServer) -> AsyncIterator[Party]:
    async with udp_party(OUTSIDE_HOST, edge.outside, PORT) as party:
        yield party


@pytest.fixture
async def phone(edge: EdgeServer) -> AsyncIterator[Party]:
    async with udp_party(OUTSIDE_HOST, edge.outside) as party:
        yield party


@pytest.fixture
async def worker(edge: EdgeServer, directory: Bus) -> AsyncIterator[Party]:
    async with udp_party(OUTSIDE_HOST, edge.private) as party:
        await directory.slots.announce(f"{party.host}:{party.port}", 3, 0)
        yield party


async def test_a_carrier_calls_in(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    ours, theirs = await connect(call_in(carrier, edge).send(), worker)

    await theirs.hang_up_with(ours)
    assert worker.heard_first("INVITE").get("X-VP-Kind") == "trunk"
    assert not any(f":{worker.port}" in message for message in carrier.heard)


async def test_a_number_is_called(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    caller = call_out(worker, edge, "1555", "3").send()
    ours, theirs = await connect(caller, carrier)

    await theirs.hang_up_with(ours)
    assert not any(f":{worker.port}" in message for message in carrier.heard)


async def test_a_phone_at_the_carriers_address_is_a_phone(
    edge: EdgeServer, phone: Party, worker: Party
) -> None:
    caller = call_as(phone, edge, "alice", "bob")
    await caller.send_with_password("alice", PASSWORD)

    invite = await worker.expect("INVITE")
    assert invite.get("X-VP-Kind") == "user"


async def test_a_phone_is_called(edge: EdgeServer, phone: Party, worker: Party) -> None:
    assert await register(phone, edge) == 200
    ours, theirs = await connect(call_out(worker, edge, "alice").send(), phone)

    await ours.hang_up_with(theirs)
