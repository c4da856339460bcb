"""REFER: a phone asks that whom it talks to be connected to somebody else."""

import pytest

from tests.edge.conftest import (
    APP,
    PASSWORD,
    assert_nothing_private,
    call_as,
    call_in,
    call_out,
    register,
)
from tests.edge.dialog import Dialog, connect
from tests.edge.party import Party
from tests.servers.edge import EdgeServer

pytestmark = pytest.mark.edge

TARGET = "sip:+15553334444@voiceplat.local"


async def call_of_a_phone(
    edge: EdgeServer, phone: Party, worker: Party
) -> tuple[Dialog, Dialog]:
    caller = call_as(phone, edge, "alice", APP)
    return await connect(await caller.send_with_password("alice", PASSWORD), worker)


@pytest.mark.parametrize("refer_to", [f"<{TARGET}>", TARGET, f'"Bob" <{TARGET}>'])
async def test_the_worker_is_told_and_the_phone_hears_how_it_goes(
    edge: EdgeServer, phone: Party, worker: Party, refer_to: str
) -> None:
    outside, inside = await call_of_a_phone(edge, phone, worker)

    asked = outside.request("REFER", Refer_To=refer_to)
    accepted = await phone.expect(202)
    told = await worker.expect("MESSAGE")
    worker.reply(told, 200, tag="w")
    inside.request(
        "NOTIFY",
        "SIP/2.0 200 OK\r\n",
        Event="refer",
        Subscription_State="terminated;reason=noresource",
    )
    heard = await phone.expect("NOTIFY")
    phone.reply(heard, 200)

    assert accepted.get("CSeq") == asked.get("CSeq")
    assert told.body == f"Refer-To: {TARGET}"
    assert told.get("X-VP-Call-ID") == inside.call_id
    assert told.get("X-VP-Refer-CSeq") == asked.get("CSeq").split()[0]
    assert heard.get("Event") == "refer"
    assert_nothing_private(edge, phone)
    await outside.hang_up_with(inside)


async def test_a_phone_that_was_called_may_ask_too(
    edge: EdgeServer, phone: Party, worker: Party
) -> None:
    assert await register(phone, edge) == 200
    _, theirs = await connect(call_out(worker, edge, "alice").send(), phone)

    theirs.request("REFER", Refer_To=f"<{TARGET}>")

    await phone.expect(202)
    assert (await worker.expect("MESSAGE")).get("X-VP-Call-ID") == theirs.call_id


async def test_a_call_that_is_there_already_is_not_taken_over(
    edge: EdgeServer, phone: Party, worker: Party
) -> None:
    outside, _ = await call_of_a_phone(edge, phone, worker)

    outside.request("REFER", Refer_To=f"<{TARGET}?Replaces=1%40a%3Bto-tag%3D2>")

    await phone.expect(202)
    assert (await worker.expect("MESSAGE")).body == "Refer-To: "


@pytest.mark.parametrize("refer_to", ["http://example.com", "<sip:>", ""])
async def test_what_is_no_address_is_refused(
    edge: EdgeServer, phone: Party, worker: Party, refer_to: str
) -> None:
    outside, _ = await call_of_a_phone(edge, phone, worker)

    outside.request("REFER", Refer_To=refer_to)

    await phone.expect(400)
    await worker.silence("MESSAGE", "REFER")


async def test_a_carrier_transfers_nothing(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    outside, _ = await connect(call_in(carrier, edge).send(), worker)

    outside.request("REFER", Refer_To=f"<{TARGET}>")

    await carrier.expect(603)
    await worker.silence("MESSAGE", "REFER")


async def test_a_call_that_would_replace_another_is_a_call_of_its_own(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    call_in(carrier, edge, Replaces="1@a;to-tag=2;from-tag=3").send()

    assert "replaces" not in (await worker.expect("INVITE")).names()


async def test_a_call_that_must_replace_another_is_refused(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    caller = call_in(
        carrier, edge, Replaces="1@a;to-tag=2;from-tag=3", Require="replaces"
    )

    refusal = await caller.send().refused(420)

    assert refusal.get("Unsupported") == "replaces"
    await worker.silence("INVITE")


async def test_nobody_outside_speaks_as_the_edge(
    edge: EdgeServer, phone: Party, worker: Party
) -> None:
    outside, inside = await call_of_a_phone(edge, phone, worker)

    outside.request("MESSAGE", f"Refer-To: {TARGET}", X_VP_Call_ID=inside.call_id)

    passed = await worker.expect("MESSAGE")
    assert passed.get("X-VP-Call-ID") == ""
