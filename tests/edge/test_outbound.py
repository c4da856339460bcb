"""Calls of workers to carriers and endpoints."""

import asyncio

import pytest

from tests.edge.conftest import (
    APP,
    PASSWORD,
    assert_nothing_private,
    call_as,
    call_out,
    register,
)
from tests.edge.dialog import connect
from tests.edge.party import Party
from tests.edge.sip import sdp
from tests.servers.edge import EdgeServer

pytestmark = pytest.mark.edge

CALLEE = "15558880000"


async def test_a_number_is_called_over_the_trunk_of_its_route(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    caller = call_out(worker, edge, CALLEE, "3", X_PH_Colour="blue").send()

    ours, theirs = await connect(caller, carrier)
    await theirs.hang_up_with(ours)

    invite = carrier.heard_first("INVITE")
    assert invite.uri == f"sip:+{CALLEE}@{carrier.host}:{carrier.port}"
    assert invite.get("X-PH-Colour") == "blue"
    assert invite.get("User-Agent") == "voiceplat"
    assert_nothing_private(edge, carrier)


@pytest.mark.parametrize("status", [302, 401, 403, 404, 407, 408, 500, 503])
async def test_a_carrier_that_cannot_is_followed_by_the_next(
    edge: EdgeServer,
    carrier: Party,
    second_carrier: Party,
    worker: Party,
    status: int,
) -> None:
    caller = call_out(worker, edge, CALLEE, "3,7").send()
    carrier.reply(await carrier.expect("INVITE"), status, tag="c")

    await connect(caller, second_carrier)

    invite = second_carrier.heard_first("INVITE")
    assert invite.uri.endswith(f"@{second_carrier.host}:{second_carrier.port}")
    assert_nothing_private(edge, carrier, second_carrier)


@pytest.mark.parametrize("edge", [{"trunk_answer_timeout_ms": 300}], indirect=True)
async def test_a_carrier_that_is_silent_is_followed_by_the_next(
    edge: EdgeServer, carrier: Party, second_carrier: Party, worker: Party
) -> None:
    carrier.dead = True
    caller = call_out(worker, edge, CALLEE, "3,7").send()

    await connect(caller, second_carrier)


@pytest.mark.parametrize("edge", [{"trunk_progress_timeout_ms": 500}], indirect=True)
async def test_a_carrier_that_tries_and_never_rings_is_followed_by_the_next(
    edge: EdgeServer, carrier: Party, second_carrier: Party, worker: Party
) -> None:
    caller = call_out(worker, edge, CALLEE, "3,7").send()
    invite = await carrier.expect("INVITE")
    carrier.reply(invite, 100)

    ours, theirs = await connect(caller, second_carrier)
    carrier.reply(await carrier.expect("CANCEL"), 200)
    carrier.reply(invite, 487, tag="c")
    await ours.hang_up_with(theirs)


@pytest.mark.parametrize("edge", [{"trunk_progress_timeout_ms": 500}], indirect=True)
async def test_a_carrier_that_rings_has_all_the_time(
    edge: EdgeServer, carrier: Party, second_carrier: Party, worker: Party
) -> None:
    caller = call_out(worker, edge, CALLEE, "3,7").send()
    invite = await carrier.expect("INVITE")
    carrier.reply(invite, 180, tag="c", Contact=carrier.contact)
    await asyncio.sleep(2)

    carrier.reply(
        invite, 200, tag="c", body=sdp(carrier.host, 42000), Contact=carrier.contact
    )

    await caller.answered()
    await second_carrier.silence("INVITE")


async def test_what_comes_after_ringing_is_final(
    edge: EdgeServer, carrier: Party, second_carrier: Party, worker: Party
) -> None:
    caller = call_out(worker, edge, CALLEE, "3,7").send()
    invite = await carrier.expect("INVITE")
    carrier.reply(invite, 180, tag="c")
    await worker.expect(180)
    carrier.reply(invite, 503, tag="c")

    await caller.refused(503)
    await second_carrier.silence("INVITE")


@pytest.mark.parametrize(
    "cause_and_status", [(17, 486), (18, 480), (19, 480), (21, 603)]
)
async def test_what_the_callees_exchange_says_is_final(
    edge: EdgeServer,
    carrier: Party,
    second_carrier: Party,
    worker: Party,
    cause_and_status: tuple[int, int],
) -> None:
    cause, status = cause_and_status
    caller = call_out(worker, edge, CALLEE, "3,7").send()
    reason = f'Q.850;cause={cause};text="x"'
    carrier.reply(await carrier.expect("INVITE"), 503, tag="c", Reason=reason)

    await caller.refused(status)
    await second_carrier.silence("INVITE")


async def test_an_exchange_without_a_route_is_followed_by_the_next_trunk(
    edge: EdgeServer, carrier: Party, second_carrier: Party, worker: Party
) -> None:
    caller = call_out(worker, edge, CALLEE, "3,7").send()
    invite = await carrier.expect("INVITE")
    carrier.reply(invite, 404, tag="c", Reason="Q.850;cause=3")

    await connect(caller, second_carrier)


@pytest.mark.parametrize("status", [480, 486, 487, 600, 603])
async def test_what_the_callee_says_is_final(
    edge: EdgeServer,
    carrier: Party,
    second_carrier: Party,
    worker: Party,
    status: int,
) -> None:
    caller = call_out(worker, edge, CALLEE, "3,7").send()
    carrier.reply(await carrier.expect("INVITE"), status, tag="c")

    refusal = await caller.refused(status)
    assert refusal.get("X-VP-Cause") == ""
    await second_carrier.silence("INVITE")


async def test_the_last_carriers_answer_is_the_workers(
    edge: EdgeServer, carrier: Party, second_carrier: Party, worker: Party
) -> None:
    caller = call_out(worker, edge, CALLEE, "7,3").send()
    second_carrier.reply(await second_carrier.expect("INVITE"), 404, tag="c")
    carrier.reply(await carrier.expect("INVITE"), 503, tag="c")

    refusal = await caller.refused(404, 503)

    assert refusal.status == 503
    assert refusal.get("X-VP-Cause") == ""


@pytest.mark.parametrize("edge", [{"trunk_answer_timeout_ms": 300}], indirect=True)
async def test_an_answer_counts_more_than_the_silence_after_it(
    edge: EdgeServer, carrier: Party, second_carrier: Party, worker: Party
) -> None:
    second_carrier.dead = True
    caller = call_out(worker, edge, CALLEE, "3,7").send()
    carrier.reply(await carrier.expect("INVITE"), 404, tag="c")

    assert (await caller.refused(404, 408, 503)).status == 404


@pytest.mark.parametrize("edge", [{"trunk_answer_timeout_ms": 300}], indirect=True)
async def test_when_all_carriers_are_silent_there_is_no_route(
    edge: EdgeServer, carrier: Party, second_carrier: Party, worker: Party
) -> None:
    carrier.dead = second_carrier.dead = True

    refusal = await call_out(worker, edge, CALLEE, "3,7").send().refused(503)

    assert refusal.get("X-VP-Cause") == "5020"


async def test_a_trunk_that_is_unknown_is_no_route(
    edge: EdgeServer, worker: Party
) -> None:
    refusal = await call_out(worker, edge, CALLEE, "4").send().refused(503)

    assert refusal.get("X-VP-Cause") == "5020"


async def test_an_unknown_trunk_is_passed_over(
    edge: EdgeServer, worker: Party, carrier: Party
) -> None:
    await connect(call_out(worker, edge, CALLEE, "33,4,3").send(), carrier)


@pytest.mark.parametrize(
    "edge",
    [{"trunk_probe_interval_s": 1, "answer_timeout_ms": 500}],
    indirect=True,
)
async def test_a_carrier_that_answers_no_options_is_not_tried(
    edge: EdgeServer, carrier: Party, second_carrier: Party, worker: Party
) -> None:
    carrier.dead = True
    await asyncio.sleep(4)

    await connect(call_out(worker, edge, CALLEE, "3,7").send(), second_carrier)

    assert not any(text.startswith("INVITE") for text in carrier.heard)


async def test_a_worker_that_gives_up_cancels_at_the_carrier(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    caller = call_out(worker, edge, CALLEE, "3").send()
    invite = await carrier.expect("INVITE")
    carrier.reply(invite, 180, tag="c")
    await worker.expect(180)
    caller.cancel()

    carrier.reply(await carrier.expect("CANCEL"), 200)
    carrier.reply(invite, 487, tag="c")
    await caller.refused(487)
    assert_nothing_private(edge, carrier)


async def test_an_endpoint_rings_on_all_its_phones(
    edge: EdgeServer, phone: Party, second_phone: Party, worker: Party
) -> None:
    assert await register(phone, edge) == 200
    assert await register(second_phone, edge) == 200
    caller = call_out(worker, edge, "alice").send()
    invite = await phone.expect("INVITE")
    phone.reply(invite, 180, tag="p")

    ours, theirs = await connect(caller, second_phone)
    phone.reply(await phone.expect("CANCEL"), 200)
    phone.reply(invite, 487, tag="p")
    await ours.hang_up_with(theirs)

    assert_nothing_private(edge, phone, second_phone)


async def test_a_phone_is_told_who_forwarded_the_call_and_not_whom_we_vouch_for(
    edge: EdgeServer, phone: Party, worker: Party
) -> None:
    await register(phone, edge)
    forwarded = {"X_VP_Diversion": "15550002222", "X_VP_Identity": "15550003333"}
    call_out(worker, edge, "alice", **forwarded).send()

    invite = await phone.expect("INVITE")
    assert "<sip:+15550002222@" in invite.get("Diversion")
    assert "15550003333" not in phone.heard[-1]
    assert_nothing_private(edge, phone)


async def test_an_endpoint_without_a_phone_is_not_registered(
    edge: EdgeServer, worker: Party
) -> None:
    refusal = await call_out(worker, edge, "alice").send().refused(480)

    assert refusal.get("X-VP-Cause") == "2020"


async def test_an_endpoint_that_does_not_exist_is_an_invalid_destination(
    edge: EdgeServer, worker: Party
) -> None:
    refusal = await call_out(worker, edge, "nobody").send().refused(404)

    assert refusal.get("X-VP-Cause") == "2000"


async def test_forged_causes_of_a_carrier_never_reach_a_worker(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    caller = call_out(worker, edge, CALLEE, "3").send()
    invite = await carrier.expect("INVITE")
    carrier.reply(invite, 486, tag="c", X_VP_Cause="2020", X_PH_Note="kept")

    refusal = await caller.refused(486)
    assert refusal.get("X-VP-Cause") == ""
    assert refusal.get("X-PH-Note") == "kept"


@pytest.mark.parametrize("place", ["sender", "to"])
async def test_a_worker_that_shows_a_private_address_is_refused(
    edge: EdgeServer, carrier: Party, worker: Party, place: str
) -> None:
    caller = call_out(worker, edge, CALLEE, "3")
    setattr(caller, place, f"sip:1555@{worker.host}:{worker.port}")

    assert (await caller.send().refused(403)).get("X-VP-Cause") == "5010"
    await carrier.silence("INVITE")


async def test_a_worker_cannot_name_itself_to_an_endpoint(
    edge: EdgeServer, phone: Party, worker: Party
) -> None:
    caller = call_as(phone, edge, "alice", APP)
    await caller.send_with_password("alice", PASSWORD)
    invite = await worker.expect("INVITE")

    worker.reply(invite, 183, tag="w", Server="worker/1", X_VP_Secret="1")

    assert (await phone.expect(183)).get("Server") == "voiceplat"
    assert_nothing_private(edge, phone)
