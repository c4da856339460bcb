"""The calls' SIP messages, as Kamailio copies them and as their timelines have them."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.edge.conftest import (
    APP,
    PASSWORD,
    call_as,
    call_in,
    call_out,
    register,
    until,
)
from tests.edge.dialog import answer, connect, ring, take
from tests.edge.party import Party
from tests.edge.sip import sdp
from tests.servers.edge import EdgeServer
from voiceplat.bus.bus import Bus
from voiceplat.calls.timeline import SipMessage
from voiceplat.core.ids import CallUuid, new_call_uuid

pytestmark = pytest.mark.edge

ENOUGH_S = 20
KEY = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"

Messages = list[SipMessage]


async def noted(
    bus: Bus, uuid: CallUuid, enough: Callable[[Messages], bool]
) -> Messages:
    """The call's messages by time, once there are enough."""
    found: Messages = []

    async def are_there() -> bool:
        moments = [it for _, it in await bus.timelines.of(uuid)]
        found[:] = [it for it in moments if isinstance(it, SipMessage)]
        found.sort(key=lambda it: it.at)
        return enough(found)

    try:
        await until(are_there, ENOUGH_S)
    except TimeoutError:
        pytest.fail(f"there is only {[steps(found)]}")
    return found


def steps(messages: Messages) -> list[tuple[bool, str]]:
    """Which side, and method or status."""
    return [(it.outside, _step(it.first_line)) for it in messages]


def _step(first_line: str) -> str:
    words = first_line.split()
    return words[1] if words[0] == "SIP/2.0" else words[0]


def is_whole(messages: Messages) -> bool:
    """ACK, BYE and its answer, of both sides."""
    about_bye = [it for it in messages if " BYE" in it.text]
    acks = [it for it in messages if it.first_line.startswith("ACK ")]
    return len(about_bye) >= 4 and len(acks) >= 2


async def test_a_call_out_is_seen_on_both_sides_from_invite_to_bye(
    edge: EdgeServer, carrier: Party, worker: Party, bus: Bus
) -> None:
    uuid = new_call_uuid()
    caller = call_out(worker, edge, "15558880000", "3", X_VP_Call=uuid).send()
    invite = await carrier.expect("INVITE")
    tag = ring(carrier, invite)
    await worker.expect(180)  # a proxy drops it when the 200 overtakes it
    theirs = take(carrier, invite, tag, sdp(carrier.host, 42000))
    ours = await caller.answered()
    await carrier.expect("ACK")
    await theirs.hang_up_with(ours)

    messages = await noted(bus, uuid, is_whole)

    inside = [step for outside, step in steps(messages) if not outside]
    outside = [step for outside, step in steps(messages) if outside]
    for side in (inside, outside):
        begun = [it for it in side if it not in {"100", "180", "ACK"}]
        assert begun == ["INVITE", "200", "BYE", "200"]
        assert side.count("ACK") == 1, "the BYE may overtake it"
        assert side.count("180") == 1
    assert "100" in inside
    assert steps(messages)[0] == (False, "INVITE")
    first = next(it for it in messages if it.outside)
    assert first.target == f"{carrier.host}:{carrier.port}"
    assert first.transport == "udp"
    assert "X-VP-" not in first.text
    assert {it.call_id for it in messages} == {caller.call_id}


async def test_a_call_in_is_known_when_its_worker_names_it(
    edge: EdgeServer, carrier: Party, worker: Party, bus: Bus
) -> None:
    uuid = new_call_uuid()
    caller = call_in(carrier, edge).send()
    invite = await worker.expect("INVITE")
    callee = answer(worker, invite, sdp(worker.host, 41000))
    call = await caller.answered()
    await asyncio.sleep(1)

    await bus.timelines.name_dialogs({caller.call_id: uuid}, timedelta(minutes=1))
    await call.hang_up_with(callee)

    messages = await noted(bus, uuid, is_whole)
    assert steps(messages)[0] == (True, "INVITE")
    assert (False, "INVITE") in steps(messages)


async def test_no_password_token_or_key_is_in_a_message(
    edge: EdgeServer, phone: Party, worker: Party, bus: Bus
) -> None:
    uuid = new_call_uuid()
    crypto = f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}\r\n"
    caller = call_as(phone, edge, "alice", APP, Identity="eyJ0;info=<https://x>")
    caller.body = sdp(phone.host, 40000).replace("RTP/AVP", "RTP/SAVP") + crypto
    await caller.send_with_password("alice", PASSWORD)
    invite = await worker.expect("INVITE")
    answer(worker, invite, sdp(worker.host, 41000))
    await caller.answered()
    await bus.timelines.name_dialogs({caller.call_id: uuid}, timedelta(minutes=1))

    messages = await noted(bus, uuid, lambda them: (True, "ACK") in steps(them)[3:])

    authorized = caller.sent.get("Proxy-Authorization")
    response = authorized.partition('response="')[2].partition('"')[0]
    assert len(response) == 32
    text = "\n".join(it.model_dump_json() for it in messages)
    assert response not in text
    assert "eyJ0" not in text
    assert KEY not in text
    assert "inline:" not in text
    assert "Proxy-Authorization: •" in text
    assert "a=crypto:1 AES_CM_128_HMAC_SHA1_80 •" in text


async def test_a_key_that_is_told_by_info_is_blotted_out(
    edge: EdgeServer, carrier: Party, worker: Party, bus: Bus
) -> None:
    uuid = new_call_uuid()
    caller = call_out(worker, edge, "15558880000", "3", X_VP_Call=uuid).send()
    _, theirs = await connect(caller, carrier)

    theirs.request(
        "INFO",
        "Signal=7\r\nDuration=160\r\n",
        Content_Type="application/dtmf-relay",
    )
    await worker.expect("INFO")

    messages = await noted(
        bus, uuid, lambda them: [s for _, s in steps(them)].count("INFO") == 2
    )
    for info in [it for it in messages if it.first_line.startswith("INFO")]:
        assert "Signal=•\r\nDuration=160" in info.text
        assert "Signal=7" not in info.text


async def test_who_registers_is_not_noted_nor_whom_strangers_name(
    edge: EdgeServer, carrier: Party, phone: Party, worker: Party, bus: Bus
) -> None:
    uuid, ours = new_call_uuid(), new_call_uuid()
    await register(phone, edge)
    strangers = call_in(carrier, edge, X_VP_Call=uuid).send()
    await worker.expect("INVITE")
    caller = call_out(worker, edge, "15558880000", "3", X_VP_Call=ours).send()
    await connect(caller, carrier)

    await noted(bus, ours, lambda them: (False, "ACK") in steps(them))

    assert await bus.timelines.of(uuid) == []
    assert strangers.call_id != caller.call_id
