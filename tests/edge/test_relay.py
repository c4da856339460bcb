"""Where the edge sends what strangers, phones and carriers write: nowhere of their choice."""

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
    register,
)
from tests.edge.dialog import Caller, Dialog, _message, connect, answer
from tests.edge.party import Party, udp_party
from tests.edge.sip import sdp
from tests.servers.edge import EdgeServer

pytestmark = pytest.mark.edge

VICTIM_HOST: Final = "127.0.0.99"


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


async def untouched(*parties: Party) -> None:
    await asyncio.sleep(0.5)
    for party in parties:
        heard = [text.partition("\r\n")[0] for text in party.heard]
        assert not heard


async def test_a_preloaded_route_leads_nowhere(
    edge: EdgeServer, carrier: Party, worker: Party, target: Party
) -> None:
    route = f"<sip:{edge.outside[0]}:{edge.outside[1]};lr>, <sip:{target.host}:{target.port};lr>"
    call_in(carrier, edge, Route=route).send()

    await worker.expect("INVITE")
    await untouched(target)


@pytest.mark.parametrize(
    "method", ["OPTIONS", "MESSAGE", "SUBSCRIBE", "REGISTER", "BYE", "NOTIFY"]
)
async def test_a_stranger_is_relayed_nowhere(
    edge: EdgeServer, target: Party, method: str
) -> None:
    async with udp_party(STRANGER_HOST, edge.outside) as stranger:
        for route in (
            f"<sip:{target.host}:{target.port};lr>",
            f"<sip:{edge.outside[0]}:{edge.outside[1]};lr>, <sip:{target.host}:{target.port};lr>",
        ):
            caller = Caller(
                stranger, f"sip:x@{target.host}:{target.port}", f"sip:x@{stranger.host}"
            )
            caller.headers["Route"] = route
            caller.send(method)
            caller.to = f"sip:x@{target.host};tag=1"
            await stranger.expect(200, 401, 403, 404, 405, 481)
        await untouched(target)


async def test_a_route_within_a_call_leads_to_its_worker(
    edge: EdgeServer, phone: Party, worker: Party, target: Party
) -> None:
    caller = call_as(phone, edge, "alice", APP)
    outside, inside = await connect(
        await caller.send_with_password("alice", PASSWORD), worker
    )
    us = f"<sip:{edge.outside[0]}:{edge.outside[1]};lr>"
    for routes in ([us], [us, us], []):
        outside.routes = [*routes, f"<sip:{target.host}:{target.port};lr>"]
        message = _message(outside, "INFO", outside.target, "", {})
        outside.cseq += 1
        phone.send(message)
        await worker.expect("INFO", 481)
    await untouched(target)


CONTACTS = {
    "alias": "<sip:test@{me};alias={host}~{port}~1>",
    "maddr": "<sip:test@{me};maddr={host}>",
    "plain": "<sip:test@{host}:{port}>",
    "alias and other": "<sip:test@{host}:{port};alias={host}~{port}~1>",
    "route": "<sip:test@{host}:{port};lr>",
    "escaped": "<sip:test@{me};%61lias={host}~{port}~1>",
    "upper": "<sip:test@{me};ALIAS={host}~{port}~1>",
    "two alias": "<sip:test@{me};alias={host}~{port}~1;alias={host}~{port}~1>",
}


@pytest.mark.parametrize("contact", CONTACTS.values(), ids=CONTACTS)
async def test_a_contact_of_a_caller_leads_to_the_caller(
    edge: EdgeServer, phone: Party, worker: Party, target: Party, contact: str
) -> None:
    value = contact.format(
        me=f"{phone.host}:{phone.port}", host=target.host, port=target.port
    )
    caller = call_as(phone, edge, "alice", APP)
    caller.contact = value
    await caller.send_with_password("alice", PASSWORD)
    _, inside = await connect(caller, worker)
    inside.request("INFO")
    await phone.expect("INFO")
    await untouched(target)


@pytest.mark.parametrize("contact", CONTACTS.values(), ids=CONTACTS)
async def test_no_contact_of_a_carrier_leads_to_a_worker(
    edge: EdgeServer, carrier: Party, worker: Party, second_worker: Party, contact: str
) -> None:
    value = contact.format(
        me=f"{carrier.host}:{carrier.port}",
        host=second_worker.host,
        port=second_worker.port,
    )
    caller = call_in(carrier, edge)
    caller.contact = value
    _, inside = await connect(caller.send(), worker)
    inside.request("INFO")
    await untouched(second_worker)


@pytest.mark.parametrize(
    "route",
    [
        "<sip:{host}:{port};lr>",
        "<sip:{host}:{port}>",
        "<sip:{me};lr>, <sip:{host}:{port};lr>",
        "<sip:{me};lr;maddr={host}>",
    ],
)
async def test_a_record_route_of_a_caller_leads_to_the_caller(
    edge: EdgeServer, phone: Party, worker: Party, target: Party, route: str
) -> None:
    value = route.format(
        me=f"{phone.host}:{phone.port}", host=target.host, port=target.port
    )
    caller = call_as(phone, edge, "alice", APP, Record_Route=value)
    await caller.send_with_password("alice", PASSWORD)
    inside = answer(worker, await worker.expect("INVITE"), sdp(worker.host, 42000))
    response = await phone.expect(200)
    response.headers = [it for it in response.headers if it[0] != "Record-Route"]
    caller.confirmed(response)
    await worker.expect("ACK")
    inside.request("INFO")
    await untouched(target)
    await phone.expect("INFO")


@pytest.mark.parametrize("contact", CONTACTS.values(), ids=CONTACTS)
async def test_a_contact_of_a_registration_leads_to_the_phone(
    edge: EdgeServer, phone: Party, worker: Party, target: Party, contact: str
) -> None:
    value = contact.format(
        me=f"{phone.host}:{phone.port}", host=target.host, port=target.port
    )
    caller = Caller(
        phone,
        f"sip:{edge.domain}",
        f"sip:alice@{edge.domain}",
        to=f"sip:alice@{edge.domain}",
        headers={"Expires": "300", "Path": f"<sip:{target.host}:{target.port};lr>"},
    )
    caller.contact = value
    await caller.send_with_password("alice", PASSWORD, "REGISTER")
    await phone.expect(200)
    call_out(worker, edge, "alice").send()
    invite = await phone.expect("INVITE")
    print(invite.first, invite.headers)
    await untouched(target)


VIAS = {
    "maddr": "SIP/2.0/UDP {me};branch=z9hG4bK{n};rport;maddr={host}",
    "maddr no rport": "SIP/2.0/UDP {me};branch=z9hG4bK{n};maddr={host}",
    "other": "SIP/2.0/UDP {host}:{port};branch=z9hG4bK{n}",
    "received": "SIP/2.0/UDP {me};branch=z9hG4bK{n};received={host};rport={port}",
    "rport": "SIP/2.0/UDP {host};branch=z9hG4bK{n};rport={port}",
    "alias": "SIP/2.0/UDP {me};branch=z9hG4bK{n};alias;i=1",
}


@pytest.mark.parametrize("via", VIAS.values(), ids=VIAS)
async def test_a_reply_goes_to_where_the_request_came_from(
    edge: EdgeServer, target: Party, via: str
) -> None:
    async with udp_party(STRANGER_HOST, edge.outside) as stranger:
        value = via.format(
            me=f"{stranger.host}:{stranger.port}",
            host=target.host,
            port=target.port,
            n="abc",
        )
        caller = Caller(stranger, f"sip:x@{edge.domain}", f"sip:x@{stranger.host}")
        message = caller.made("OPTIONS")
        message.headers[0] = ("Via", value)
        stranger.send(message)
        message = call_in(stranger, edge).made("INVITE")
        message.headers[0] = ("Via", value)
        stranger.send(message)
        await stranger.expect(200, 403)
        await untouched(target)
