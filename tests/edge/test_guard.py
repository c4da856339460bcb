"""Who is not let in, and who notices nothing of it."""

import os
import signal

import pytest

from tests.edge.conftest import STRANGER_HOST, call_in, call_out, register
from tests.edge.dialog import Caller
from tests.edge.party import Party, udp_party
from tests.servers.edge import EdgeServer

pytestmark = pytest.mark.edge


def options(party: Party, edge: EdgeServer, user: str = "") -> Caller:
    host, port = edge.outside
    name = f"{user}@" if user else ""
    caller = Caller(party, f"sip:{name}{host}:{port}", f"sip:x@{party.host}")
    return caller.send("OPTIONS")


async def test_the_edge_answers_options(edge: EdgeServer, phone: Party) -> None:
    options(phone, edge)

    assert (await phone.expect(200)).get("Server") == "voiceplat"


async def test_the_sign_of_life_of_the_clouds_sdk_is_a_404(
    edge: EdgeServer, phone: Party
) -> None:
    options(phone, edge, "admin")

    await phone.expect(404)


async def test_a_flood_is_ended_and_nobody_else_notices(
    edge: EdgeServer, phone: Party, carrier: Party, worker: Party
) -> None:
    async with udp_party(STRANGER_HOST, edge.outside) as flooder:
        for _ in range(200):
            options(flooder, edge)
        await flooder.silence(503)
        answered = len(flooder.heard)
        options(flooder, edge)
        await flooder.silence(503)

        assert answered < 100
        assert len(flooder.heard) == answered
    assert await register(phone, edge) == 200
    call_in(carrier, edge).send()
    await worker.expect("INVITE")


async def test_a_carrier_is_no_flooder(edge: EdgeServer, carrier: Party) -> None:
    for _ in range(200):
        options(carrier, edge)
        await carrier.expect(200)


@pytest.mark.parametrize(
    "agent", ["friendly-scanner", "sipvicious/0.3", "VaxSIPUserAgent"]
)
async def test_scanners_hear_nothing(
    edge: EdgeServer, phone: Party, agent: str
) -> None:
    caller = Caller(phone, f"sip:{edge.domain}", "sip:100@1.1.1.1")
    caller.headers["User_Agent"] = agent
    caller.send("OPTIONS")

    await phone.silence(200, 401, 403)


async def test_the_private_socket_hears_workers_alone(
    edge: EdgeServer, carrier: Party
) -> None:
    async with udp_party(STRANGER_HOST, edge.private) as stranger:
        call_out(stranger, edge, "1555", "3").send()

        await stranger.silence(100, 403, 503)
        await carrier.silence("INVITE")


async def test_a_reply_to_nothing_goes_nowhere(
    edge: EdgeServer, phone: Party, worker: Party
) -> None:
    vias = [
        ("Via", f"SIP/2.0/UDP {edge.outside[0]}:{edge.outside[1]};branch=z9hG4bKa"),
        ("Via", f"SIP/2.0/UDP {worker.host}:{worker.port};branch=z9hG4bKb"),
    ]
    caller = Caller(phone, f"sip:{edge.domain}", "sip:x@x")
    request = caller.send("OPTIONS").sent
    await phone.expect(200)
    request.first = "SIP/2.0 200 OK"
    request.headers = vias + request.headers[1:]
    phone.send(request)

    await worker.silence(200)


async def test_unknown_methods_are_not_allowed(edge: EdgeServer, phone: Party) -> None:
    Caller(phone, f"sip:bob@{edge.domain}", f"sip:alice@{edge.domain}").send("MESSAGE")

    await phone.expect(405)


async def test_a_call_that_loops_is_ended(edge: EdgeServer, carrier: Party) -> None:
    caller = call_in(carrier, edge).send()
    await carrier.expect(503)
    invite = caller.sent
    invite.headers = [
        (name, "0" if name == "Max-Forwards" else value)
        for name, value in invite.headers
    ]
    invite.headers[0] = ("Via", carrier.via())
    carrier.send(invite)

    await carrier.expect(483)


async def test_without_the_relay_no_session_is_passed_on(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    os.kill(edge.edge.rtpengine.pid, signal.SIGSTOP)

    inbound = await call_in(carrier, edge).send().refused(503, 500, within_s=8)
    outbound = await call_out(worker, edge, "1555", "3").send().refused(503, 500)

    assert inbound.get("Retry-After")
    assert outbound.get("X-VP-Cause") == "5010"
    await worker.silence("INVITE")
    await carrier.silence("INVITE")
    os.kill(edge.edge.rtpengine.pid, signal.SIGCONT)
