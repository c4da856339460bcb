"""Where the edge sends what others write: never to a place of their choice."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import pytest

from tests.edge.conftest import (
    APP,
    PASSWORD,
    STRANGER_HOST,
    call_as,
    call_in,
    call_out,
)
from tests.edge.dialog import Caller, answer, connect
from tests.edge.party import Party, udp_party
from tests.edge.sip import sdp
from tests.servers.edge import EdgeServer

pytestmark = pytest.mark.edge

VICTIM_HOST: Final = "127.0.0.99"
CONTACTS: Final = {
    "alias": "<sip:test@{me};alias={host}~{port}~1>",
    "alias twice": "<sip:test@{me};alias={host}~{port}~1;alias={host}~{port}~1>",
    "alias of another": "<sip:test@{host}:{port};alias={host}~{port}~1>",
    "alias in capitals": "<sip:test@{me};ALIAS={host}~{port}~1>",
    "alias escaped": "<sip:test@{me};%61lias={host}~{port}~1>",
    "maddr": "<sip:test@{me};maddr={host}>",
    "another": "<sip:test@{host}:{port}>",
    "another as a route": "<sip:test@{host}:{port};lr>",
}
ROUTES: Final = {
    "loose": "<sip:{host}:{port};lr>",
    "strict": "<sip:{host}:{port}>",
    "behind the phone": "<sip:{me};lr>, <sip:{host}:{port};lr>",
    "maddr": "<sip:{me};lr;maddr={host}>",
}
VIAS: Final = {
    "maddr": "SIP/2.0/UDP {me};branch=z9hG4bKa;rport;maddr={host}",
    "maddr without rport": "SIP/2.0/UDP {me};branch=z9hG4bKa;maddr={host}",
    "another": "SIP/2.0/UDP {host}:{port};branch=z9hG4bKa",
    "received": "SIP/2.0/UDP {me};branch=z9hG4bKa;received={host};rport={port}",
    "rport of another": "SIP/2.0/UDP {host};branch=z9hG4bKa;rport={port}",
}


@pytest.fixture
async def victim(edge: EdgeServer) -> AsyncIterator[Party]:
    """A SIP server of somebody else's."""
    async with udp_party(VICTIM_HOST, edge.outside) as party:
        yield party


@pytest.fixture(params=["victim", "second_worker"])
def target(
    request: pytest.FixtureRequest, victim: Party, second_worker: Party
) -> Party:
    """What an attacker would reach: somebody else, or a call worker."""
    return {"victim": victim, "second_worker": second_worker}[request.param]


def naming(text: str, target: Party, me: Party) -> str:
    own = f"{me.host}:{me.port}"
    return text.format(host=target.host, port=target.port, me=own)


def us(edge: EdgeServer) -> str:
    host, port = edge.outside
    return f"<sip:{host}:{port};lr>"


async def assert_untouched(party: Party) -> None:
    await asyncio.sleep(0.5)
    assert not party.heard


async def test_a_preloaded_route_leads_nowhere(
    edge: EdgeServer, carrier: Party, worker: Party, target: Party
) -> None:
    there = naming("<sip:{host}:{port};lr>", target, carrier)
    call_in(carrier, edge, Route=f"{us(edge)}, {there}").send()

    await worker.expect("INVITE")
    await assert_untouched(target)


@pytest.mark.parametrize(
    "method", ["OPTIONS", "MESSAGE", "SUBSCRIBE", "REGISTER", "BYE", "NOTIFY"]
)
async def test_a_stranger_is_relayed_nowhere(
    edge: EdgeServer, target: Party, method: str
) -> None:
    async with udp_party(STRANGER_HOST, edge.outside) as stranger:
        there = naming("<sip:{host}:{port};lr>", target, stranger)
        for route in (there, f"{us(edge)}, {there}"):
            for tag in ("", ";tag=1"):
                to = f"sip:x@{target.host}:{target.port}"
                caller = Caller(stranger, to, f"sip:x@{stranger.host}", to=to + tag)
                caller.headers["Route"] = route
                caller.send(method)
                await stranger.expect(200, 401, 403, 404, 405, 481)

        await assert_untouched(target)


async def test_a_route_within_a_call_leads_to_its_worker(
    edge: EdgeServer, phone: Party, worker: Party, target: Party
) -> None:
    caller = call_as(phone, edge, "alice", APP)
    await caller.send_with_password("alice", PASSWORD)
    outside, _ = await connect(caller, worker)
    there = naming("<sip:{host}:{port};lr>", target, phone)

    for routes in ([us(edge), there], [us(edge), us(edge), there]):
        outside.routes = routes
        outside.request("INFO")
        await worker.expect("INFO", 481)

    await assert_untouched(target)


@pytest.mark.parametrize("contact", CONTACTS.values(), ids=CONTACTS)
async def test_a_contact_of_a_caller_leads_to_the_caller(
    edge: EdgeServer, phone: Party, worker: Party, target: Party, contact: str
) -> None:
    caller = call_as(phone, edge, "alice", APP)
    caller.contact = naming(contact, target, phone)
    await caller.send_with_password("alice", PASSWORD)
    _, inside = await connect(caller, worker)

    inside.request("INFO")

    await phone.expect("INFO")
    await assert_untouched(target)


@pytest.mark.parametrize("contact", CONTACTS.values(), ids=CONTACTS)
async def test_no_contact_of_a_carrier_leads_to_a_worker(
    edge: EdgeServer,
    carrier: Party,
    worker: Party,
    second_worker: Party,
    contact: str,
) -> None:
    caller = call_in(carrier, edge)
    caller.contact = naming(contact, second_worker, carrier)
    _, inside = await connect(caller.send(), worker)

    inside.request("INFO")

    await assert_untouched(second_worker)


@pytest.mark.parametrize("route", ROUTES.values(), ids=ROUTES)
async def test_a_record_route_of_a_caller_leads_to_the_caller(
    edge: EdgeServer, phone: Party, worker: Party, target: Party, route: str
) -> None:
    there = naming(route, target, phone)
    caller = call_as(phone, edge, "alice", APP, Record_Route=there)
    await caller.send_with_password("alice", PASSWORD)
    invite = await worker.expect("INVITE")
    inside = answer(worker, invite, sdp(worker.host, 42000))
    accepted = await phone.expect(200)
    accepted.headers = [it for it in accepted.headers if it[0] != "Record-Route"]
    caller.confirmed(accepted)
    await worker.expect("ACK")

    inside.request("INFO")

    await phone.expect("INFO")
    await assert_untouched(target)


@pytest.mark.parametrize("contact", CONTACTS.values(), ids=CONTACTS)
async def test_a_contact_of_a_registration_leads_to_the_phone(
    edge: EdgeServer, phone: Party, worker: Party, target: Party, contact: str
) -> None:
    alice = f"sip:alice@{edge.domain}"
    path = naming("<sip:{host}:{port};lr>", target, phone)
    caller = Caller(phone, f"sip:{edge.domain}", alice, to=alice)
    caller.headers |= {"Expires": "300", "Path": path}
    caller.contact = naming(contact, target, phone)
    await caller.send_with_password("alice", PASSWORD, "REGISTER")
    await phone.expect(200)

    call_out(worker, edge, "alice").send()

    await phone.expect("INVITE")
    await assert_untouched(target)


@pytest.mark.parametrize("via", VIAS.values(), ids=VIAS)
async def test_a_reply_goes_to_where_the_request_came_from(
    edge: EdgeServer, target: Party, via: str
) -> None:
    async with udp_party(STRANGER_HOST, edge.outside) as stranger:
        caller = Caller(stranger, f"sip:x@{edge.domain}", f"sip:x@{stranger.host}")
        for message in (caller.made("OPTIONS"), call_in(stranger, edge).made()):
            message.headers[0] = ("Via", naming(via, target, stranger))
            stranger.send(message)

        await stranger.expect(200)
        await stranger.expect(403)
        await assert_untouched(target)
