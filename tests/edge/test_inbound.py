"""Calls from carriers and phones to workers."""

from contextlib import AsyncExitStack

import pytest

from tests.edge.conftest import (
    ACCOUNT,
    APP,
    NUMBER,
    PASSWORD,
    STRANGER_HOST,
    assert_nothing_private,
    call_as,
    call_in,
)
from tests.edge.dialog import answer, connect
from tests.edge.party import Party, udp_party
from tests.edge.sip import Message, sdp
from tests.servers.edge import PRIVATE_HOST, EdgeServer
from voiceplat.bus.bus import Bus
from voiceplat.core.ids import WorkerAddress

pytestmark = pytest.mark.edge


def told(invite: Message) -> dict[str, str]:
    """The private headers that a worker got."""
    return {
        name.removeprefix("X-VP-"): value
        for name, value in invite.headers
        if name.lower().startswith("x-vp-")
    }


async def test_a_carrier_reaches_a_number_of_ours(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    caller = call_in(carrier, edge).send()

    invite = await worker.expect("INVITE")
    assert (await carrier.expect(100)).status == 100
    callee = answer(worker, invite, sdp(worker.host, 41000))
    call = await caller.answered()

    assert told(invite) == {
        "Kind": "trunk",
        "Who": "3",
        "Source": f"udp:{carrier.host}:{carrier.port}",
        "To": NUMBER,
        "Target": "number",
    }
    await call.hang_up_with(callee)
    assert_nothing_private(edge, carrier)


async def test_a_carrier_is_known_by_any_address_of_its_networks(
    edge: EdgeServer, worker: Party
) -> None:
    async with udp_party("127.0.44.9", edge.outside) as carrier:
        call_in(carrier, edge).send()
        invite = await worker.expect("INVITE")

    assert told(invite)["Who"] == "7"


async def test_a_call_from_nobody_we_know_is_refused(
    edge: EdgeServer, worker: Party
) -> None:
    async with udp_party(STRANGER_HOST, edge.outside) as stranger:
        refusal = await call_in(stranger, edge).send().refused(403)

    assert refusal.get("Server") == "voiceplat"
    await worker.silence("INVITE")


async def test_a_number_that_nobody_has_is_not_found(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    await call_in(carrier, edge, "+15559990000").send().refused(404)

    await worker.silence("INVITE")


async def test_an_application_is_reached_by_its_id(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    call_in(carrier, edge, APP).send()

    headers = told(await worker.expect("INVITE"))
    assert headers["Target"] == "app"
    assert headers["To"] == APP


@pytest.mark.parametrize(
    ("dialled", "to"),
    [("+15559990000", "15559990000"), ("bob", "bob"), ("*98", "*98")],
)
async def test_what_an_endpoint_dials_goes_to_its_application(
    edge: EdgeServer, phone: Party, worker: Party, dialled: str, to: str
) -> None:
    caller = call_as(phone, edge, "alice", dialled, X_PH_Colour="green")
    await caller.send_with_password("alice", PASSWORD)

    invite = await worker.expect("INVITE")
    assert told(invite) == {
        "Kind": "user",
        "Who": "alice",
        "Account": ACCOUNT,
        "Source": f"udp:{phone.host}:{phone.port}",
        "To": to,
        "Target": "any",
    }
    assert invite.get("X-PH-Colour") == "green"


async def test_an_endpoint_without_application_reaches_nothing_but_applications(
    edge: EdgeServer, phone: Party, worker: Party
) -> None:
    caller = call_as(phone, edge, "bob", "alice")
    await (await caller.send_with_password("bob", PASSWORD)).refused(404)

    await call_as(phone, edge, "bob", APP).send_with_password("bob", PASSWORD)
    assert told(await worker.expect("INVITE"))["Target"] == "app"


async def test_a_user_of_another_domain_is_nobody(
    edge: EdgeServer, phone: Party
) -> None:
    caller = call_as(phone, edge, "alice", APP)
    caller.sender = "sip:alice@elsewhere.example"

    await caller.send().refused(403)


async def test_the_clouds_domain_is_ours_too(
    edge: EdgeServer, phone: Party, worker: Party
) -> None:
    caller = call_as(phone, edge, "alice", "bob")
    caller.sender = "sip:alice@phone.plivo.com"
    caller.uri = "sip:bob@phone.plivo.com"
    await caller.send_with_password("alice", PASSWORD)

    assert told(await worker.expect("INVITE"))["Who"] == "alice"


async def test_forged_private_headers_never_reach_a_worker(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    call_in(
        carrier, edge, X_VP_Who="99", x_vp_kind="user", X_VP_Route="3", X_VP_Any="1"
    ).send()

    invite = await worker.expect("INVITE")
    names = [name for name in invite.names() if name.startswith("x-vp-")]
    assert sorted(names) == sorted(set(names))
    assert told(invite)["Who"] == "3"
    assert "x-vp-route" not in names
    assert "x-vp-any" not in names


async def test_a_worker_that_is_silent_loses_the_call_to_the_next(
    edge: EdgeServer, carrier: Party, worker: Party, second_worker: Party
) -> None:
    worker.dead = True
    caller = call_in(carrier, edge).send()

    await connect(caller, second_worker)


@pytest.mark.parametrize("status", [486, 500, 503])
async def test_a_worker_that_is_full_passes_the_call_to_the_next(
    edge: EdgeServer, carrier: Party, worker: Party, second_worker: Party, status: int
) -> None:
    caller = call_in(carrier, edge).send()
    worker.reply(await worker.expect("INVITE"), status, tag="full")

    await connect(caller, second_worker)


async def test_when_no_worker_takes_it_a_caller_is_told_to_try_later(
    edge: EdgeServer, carrier: Party, worker: Party, second_worker: Party
) -> None:
    caller = call_in(carrier, edge).send()
    for full in (worker, second_worker):
        full.reply(await full.expect("INVITE"), 503, tag="full")

    assert (await caller.refused(503)).get("Retry-After")


async def test_a_worker_that_rang_gives_the_answer_itself(
    edge: EdgeServer, carrier: Party, worker: Party, second_worker: Party
) -> None:
    caller = call_in(carrier, edge).send()
    invite = await worker.expect("INVITE")
    worker.reply(invite, 180, tag="w")
    await carrier.expect(180)
    worker.reply(invite, 486, tag="w")

    await caller.refused(486)
    await second_worker.silence("INVITE")


@pytest.mark.parametrize("status", [486, 500, 503])
async def test_what_a_worker_says_of_a_call_that_it_has_claimed_is_the_answer(
    edge: EdgeServer, carrier: Party, worker: Party, second_worker: Party, status: int
) -> None:
    caller = call_in(carrier, edge).send()
    claimed = {"X-VP-Claimed": "1"}
    worker.reply(await worker.expect("INVITE"), status, tag="w", **claimed)

    refusal = await caller.refused(status)
    assert refusal.get("X-VP-Claimed") == ""
    await second_worker.silence("INVITE")


async def test_without_a_free_slot_a_caller_is_told_to_try_later(
    edge: EdgeServer, carrier: Party, directory: Bus
) -> None:
    refusal = await call_in(carrier, edge).send().refused(503)

    assert refusal.get("Retry-After")


async def test_a_caller_who_gives_up_is_gone_for_the_worker(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    caller = call_in(carrier, edge).send()
    invite = await worker.expect("INVITE")
    worker.reply(invite, 180, tag="w")
    await carrier.expect(180)
    caller.cancel()

    worker.reply(await worker.expect("CANCEL"), 200)
    worker.reply(invite, 487, tag="w")
    await caller.refused(487)


async def test_however_many_are_full_the_one_with_room_is_found(
    edge: EdgeServer, directory: Bus, carrier: Party, second_worker: Party
) -> None:
    async with AsyncExitStack() as stack:
        full = [
            await stack.enter_async_context(udp_party(PRIVATE_HOST, edge.private))
            for _ in range(6)
        ]
        for busy, party in enumerate(full, start=1):
            address = WorkerAddress(f"{party.host}:{party.port}")
            await directory.slots.announce(address, free=3, busy=busy)
        caller = call_in(carrier, edge).send()
        for party in reversed(full):
            party.reply(await party.expect("INVITE"), 486, tag="full")

        await connect(caller, second_worker)


async def test_a_caller_for_whom_nobody_has_room_may_try_again(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    caller = call_in(carrier, edge).send()
    worker.reply(await worker.expect("INVITE"), 486, tag="full")

    refusal = await caller.refused(503)

    assert refusal.get("Retry-After")


@pytest.mark.parametrize("edge", [{"inbound_calls_per_second": 2}], indirect=True)
async def test_a_carrier_that_calls_too_often_hears_busy(
    edge: EdgeServer, carrier: Party, second_carrier: Party, worker: Party
) -> None:
    for _ in range(20):  # within a second, on a slow machine too
        call_in(carrier, edge).send()

    assert (await carrier.expect(486)).get("Server") == "voiceplat"
    call_in(second_carrier, edge).send()
    assert (await second_carrier.expect(100)).status == 100
