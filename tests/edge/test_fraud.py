"""Calls on somebody else's account, and requests that were heard on the way."""

import asyncio

import pytest

from tests.edge.conftest import (
    ACCOUNT,
    APP,
    PASSWORD,
    STRANGER_HOST,
    call_as,
    register,
)
from tests.edge.dialog import Caller
from tests.edge.party import Party, tcp_party, udp_party
from tests.edge.sip import Message
from tests.edge.test_inbound import told
from tests.servers.edge import EdgeServer
from voiceplat.bus.bus import Bus

pytestmark = pytest.mark.edge

QUIET_S = 0.5


@pytest.mark.parametrize(
    ("sender", "to"), [("alice", "bob"), ("bob", "alice"), ("%61lice", "alice")]
)
async def test_a_password_registers_its_own_user_alone(
    edge: EdgeServer, phone: Party, directory: Bus, sender: str, to: str
) -> None:
    caller = Caller(
        phone,
        f"sip:{edge.domain}",
        f"sip:{sender}@{edge.domain}",
        to=f"sip:{to}@{edge.domain}",
    )
    await caller.send_with_password("alice", PASSWORD, "REGISTER")

    if to == "bob":
        assert (await phone.expect(200, 401, 403)).status == 403
    else:
        await phone.expect(200, 401, 403)
    assert await directory.directory.registration("bob") is None


@pytest.mark.parametrize("claimed", ["bob", "BOB", "bob;x=alice", "%62ob"])
async def test_a_password_calls_as_its_own_user_alone(
    edge: EdgeServer, phone: Party, worker: Party, claimed: str
) -> None:
    caller = call_as(phone, edge, claimed, APP)
    await caller.send_with_password("alice", PASSWORD)

    await caller.refused(401, 403, 404)
    await worker.silence("INVITE")


async def test_who_calls_is_whose_the_password_is_whatever_else_is_claimed(
    edge: EdgeServer, phone: Party, worker: Party
) -> None:
    caller = call_as(
        phone,
        edge,
        "alice",
        APP,
        P_Asserted_Identity="<sip:+15550009999@voiceplat.local>",
        P_Preferred_Identity="<sip:bob@voiceplat.local>",
        Remote_Party_ID="<sip:bob@voiceplat.local>;party=calling",
        X_VP_Account="MAXXXXXXXXXXXXXXXXXX",
    )
    await caller.send_with_password("alice", PASSWORD)

    invite = await worker.expect("INVITE")
    assert told(invite)["Who"] == "alice"
    assert told(invite)["Account"] == ACCOUNT
    assert invite.get("P-Asserted-Identity") == ""


def again(message: Message, party: Party) -> Message:
    """The same request in a transaction of its own, from there."""
    headers = [("Via", party.via()), *message.headers[1:]]
    number, _, method = message.get("CSeq").partition(" ")
    counted = [
        (name, f"{int(number) + 7} {method}") if name == "CSeq" else (name, value)
        for name, value in headers
    ]
    return Message(message.first, counted, message.body)


@pytest.mark.parametrize("host", ["127.0.0.20", STRANGER_HOST])
async def test_a_registration_that_was_overheard_is_of_no_use(
    edge: EdgeServer, phone: Party, directory: Bus, host: str
) -> None:
    caller = Caller(
        phone,
        f"sip:{edge.domain}",
        f"sip:alice@{edge.domain}",
        to=f"sip:alice@{edge.domain}",
    )
    await caller.send_with_password("alice", PASSWORD, "REGISTER")
    await phone.expect(200)

    async with udp_party(host, edge.outside) as thief:
        thief.send(again(caller.sent, thief))
        answer = await thief.expect(200, 401, 403)

    assert answer.status == 401


async def test_a_call_that_was_overheard_is_of_no_use(
    edge: EdgeServer, phone: Party, worker: Party
) -> None:
    caller = call_as(phone, edge, "alice", APP)
    await caller.send_with_password("alice", PASSWORD)
    await worker.expect("INVITE")

    async with udp_party(STRANGER_HOST, edge.outside) as thief:
        thief.send(again(caller.sent, thief))
        await thief.expect(401, 407)

    await worker.silence("INVITE")


async def until_quiet(party: Party) -> int:
    """Returns when no more answers come; how many came."""
    answered = -1
    while answered < len(party.heard):
        answered = len(party.heard)
        await asyncio.sleep(QUIET_S)
    return answered


@pytest.mark.parametrize("method", ["REGISTER", "INVITE"])
async def test_a_flood_is_ended_and_a_call_of_somebody_else_goes_through(
    edge: EdgeServer, phone: Party, worker: Party, method: str
) -> None:
    async with udp_party(STRANGER_HOST, edge.outside) as flooder:
        for _ in range(200):
            Caller(flooder, f"sip:x@{edge.domain}", f"sip:x@{edge.domain}").send(method)
        caller = call_as(phone, edge, "alice", APP)
        await caller.send_with_password("alice", PASSWORD)
        await worker.expect("INVITE")
        answered = await until_quiet(flooder)
        Caller(flooder, f"sip:x@{edge.domain}", f"sip:x@{edge.domain}").send(method)
        await flooder.silence(503)

        assert answered < 150
        assert len(flooder.heard) == answered


async def test_a_flood_over_tcp_is_ended(edge: EdgeServer, phone: Party) -> None:
    async with tcp_party(STRANGER_HOST, edge.outside) as flooder:
        for _ in range(200):
            Caller(flooder, f"sip:x@{edge.domain}", f"sip:x@{edge.domain}").send(
                "OPTIONS"
            )
        await flooder.silence(503)

        assert len(flooder.heard) < 100
    assert await register(phone, edge) == 200


async def test_a_connection_that_says_half_a_request_holds_up_nobody(
    edge: EdgeServer, phone: Party
) -> None:
    async with tcp_party(STRANGER_HOST, edge.outside) as slow:
        slow.send_bytes(b"OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/TCP ")

        async with tcp_party("127.0.0.21", edge.outside) as other:
            assert await register(other, edge) == 200
    assert await register(phone, edge) == 200
