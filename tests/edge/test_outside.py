"""Calls of workers to SIP URIs of other hosts."""

import pytest

from tests.edge.conftest import PHONE_HOST, assert_nothing_private
from tests.edge.dialog import Caller, connect
from tests.edge.party import Party
from tests.edge.sip import sdp
from tests.servers.edge import EdgeServer

pytestmark = pytest.mark.edge

HEADERS = {
    401: ("WWW_Authenticate", "Authorization"),
    407: ("Proxy_Authenticate", "Proxy-Authorization"),
}
CHALLENGE = 'Digest realm="elsewhere", nonce="n1", qop="auth"'


def call_outside(worker: Party, edge: EdgeServer, uri: str) -> Caller:
    host, port = edge.private
    return Caller(
        worker,
        uri,
        f"sip:15550001111@{edge.domain}",
        body=sdp(worker.host, 41000),
        headers={"X_VP_Call": "a-call", "Route": f"<sip:{host}:{port};lr>"},
    )


def uri_of(phone: Party) -> str:
    return f"sip:carol@{phone.host}:{phone.port}"


async def test_somebody_elsewhere_is_called_and_shown_nothing_private(
    edge: EdgeServer, phone: Party, worker: Party
) -> None:
    caller = call_outside(worker, edge, uri_of(phone)).send()

    ours, theirs = await connect(caller, phone)
    await theirs.hang_up_with(ours)

    invite = phone.heard_first("INVITE")
    assert invite.uri == uri_of(phone)
    assert invite.get("From").startswith(f"<sip:15550001111@{edge.domain}>")
    assert invite.get("Route") == ""
    assert_nothing_private(edge, phone)


@pytest.mark.parametrize("status", [401, 407])
async def test_a_challenge_reaches_the_worker_and_its_answer_the_challenger(
    edge: EdgeServer, phone: Party, worker: Party, status: int
) -> None:
    asks, answers = HEADERS[status]
    caller = call_outside(worker, edge, uri_of(phone)).send()
    phone.reply(await phone.expect("INVITE"), status, tag="c", **{asks: CHALLENGE})
    challenge = await caller.refused(status)

    caller.send(extra=(answers, 'Digest username="carol"'))
    ours, theirs = await connect(caller, phone)
    await theirs.hang_up_with(ours)

    assert challenge.get(asks.replace("_", "-")) == CHALLENGE
    (answered,) = (text for text in phone.heard if f"\n{answers}:" in text)
    assert answered.startswith("INVITE")
    assert_nothing_private(edge, phone)


@pytest.mark.parametrize("edge", [{"allow_private_urls": False}], indirect=True)
async def test_no_uri_leads_to_a_private_address(
    edge: EdgeServer, phone: Party, worker: Party
) -> None:
    refusal = await call_outside(worker, edge, uri_of(phone)).send().refused(404)

    assert refusal.get("X-VP-Cause") == "5020"
    await phone.silence("INVITE")


@pytest.mark.parametrize(
    "edge",
    [{"allow_private_urls": False, "allowed_private_networks": (PHONE_HOST,)}],
    indirect=True,
)
async def test_a_uri_leads_to_a_private_address_that_is_named(
    edge: EdgeServer, phone: Party, worker: Party
) -> None:
    caller = call_outside(worker, edge, uri_of(phone)).send()

    ours, theirs = await connect(caller, phone)

    await theirs.hang_up_with(ours)


async def test_no_uri_leads_to_the_side_of_the_workers(
    edge: EdgeServer, worker: Party
) -> None:
    host, port = edge.private

    refusal = (
        await call_outside(worker, edge, f"sip:x@{host}:{port}").send().refused(404)
    )

    assert refusal.get("X-VP-Cause") == "5020"


async def test_a_name_that_is_none_is_a_place_that_is_not_there(
    edge: EdgeServer, worker: Party
) -> None:
    caller = call_outside(worker, edge, "sip:carol@nowhere.invalid").send()

    refusal = await caller.refused(404, within_s=15)

    assert refusal.get("X-VP-Cause") == "5020"
