"""What travels within a call, both ways."""

import asyncio
import secrets

import pytest

from tests.edge.conftest import (
    APP,
    PASSWORD,
    PHONE_HOST,
    assert_nothing_private,
    call_as,
    call_in,
    call_out,
)
from tests.edge.dialog import Dialog, connect
from tests.edge.party import Party, tcp_party
from tests.edge.rtp import RtpEnd, rtp_end
from tests.edge.sip import Message, media_address, reply_to, sdp
from tests.servers.edge import PRIVATE_HOST, EdgeServer
from voiceplat.bus.bus import Bus
from voiceplat.core.ids import WorkerAddress
from voiceplat.edge import lost_calls
from voiceplat.edge.control import kamailio_rpc, rtpengine_statistics
from voiceplat.edge.render import RPC_SOCKET

pytestmark = pytest.mark.edge


async def reinvite(asker: Dialog, other: Dialog, mode: str) -> str:
    """A re-INVITE, answered; the session description that the other end got."""
    asker.request("INVITE", sdp(asker.party.host, 43000, mode=mode))
    asked = await other.party.expect("INVITE")
    body = sdp(other.party.host, 44000, mode=mode)
    other.party.reply(asked, 200, body=body, Contact=other.party.contact)
    await asker.party.expect(200)
    asker.request("ACK")
    await other.party.expect("ACK")
    return asked.body


async def is_told_lost(bus: Bus, worker: WorkerAddress) -> None:
    """Until the edge, which may have begun just now, has heard it."""
    async with asyncio.timeout(20):
        while not await bus.nodes.tell_lost(worker):  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)


async def test_both_ends_can_change_the_session(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    outside, inside = await connect(call_in(carrier, edge).send(), worker)

    held = await reinvite(outside, inside, "sendonly")
    unheld = await reinvite(inside, outside, "sendrecv")

    assert "a=sendonly" in held
    assert media_address(held)[0] == PRIVATE_HOST
    assert media_address(unheld)[0] == edge.outside[0]
    await inside.hang_up_with(outside)
    assert_nothing_private(edge, carrier)


async def test_an_update_passes(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    inside, outside = await connect(call_out(worker, edge, "1555", "3").send(), carrier)

    inside.request("UPDATE", sdp(worker.host, 43000))
    update = await carrier.expect("UPDATE")
    carrier.reply(update, 200, body=sdp(carrier.host, 44000), Contact=carrier.contact)

    answer = await worker.expect(200)
    assert media_address(update.body)[0] == edge.outside[0]
    assert media_address(answer.body)[0] == edge.private[0]
    await outside.hang_up_with(inside)
    assert_nothing_private(edge, carrier)


async def test_digits_as_info_pass(
    edge: EdgeServer, phone: Party, worker: Party
) -> None:
    caller = call_as(phone, edge, "alice", "bob")
    outside, _ = await connect(
        await caller.send_with_password("alice", PASSWORD), worker
    )

    outside.request("INFO", X_VP_Who="forged", X_PH_Note="kept")

    info = await worker.expect("INFO")
    assert info.get("X-VP-Who") == ""
    assert info.get("X-PH-Note") == "kept"


@pytest.mark.parametrize(("body", "key"), [("5", "5"), ("#\r\n", "#"), ("11", "11")])
async def test_a_key_by_plain_info_is_told_in_the_way_that_workers_answer(
    edge: EdgeServer, phone: Party, worker: Party, body: str, key: str
) -> None:
    caller = call_as(phone, edge, "alice", "bob")
    outside, _ = await connect(
        await caller.send_with_password("alice", PASSWORD), worker
    )

    asked = outside.request("INFO", body, Content_Type="application/dtmf")
    info = await worker.expect("INFO")

    assert asked.get("Content-Type") == "application/dtmf"
    assert info.all("Content-Type") == ["application/dtmf-relay"]
    assert info.body == f"Signal={key}\r\nDuration=160\r\n"
    assert info.get("Content-Length") == str(len(info.body))


async def test_audio_flows_through_the_relay_both_ways(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    async with rtp_end(carrier.host) as there, rtp_end(worker.host) as here:
        caller = call_in(carrier, edge)
        caller.body = sdp(carrier.host, there.port)
        outside, inside = await connect(caller.send(), worker, here.port)
        relay_outside, relay_inside = (
            media_address(outside.answer),
            media_address(inside.answer),
        )

        await asyncio.gather(there.talk(relay_outside), here.talk(relay_inside))

        assert relay_outside[0] == edge.outside[0]
        assert relay_inside[0] == edge.private[0]
        assert_heard(there, relay_outside)
        assert_heard(here, relay_inside)
        await outside.hang_up_with(inside)


def assert_heard(end: RtpEnd, relay: tuple[str, int]) -> None:
    assert end.sent == 25
    assert len(end.heard) > end.sent / 2  # a busy machine's relay is late for some
    assert set(end.sources) == {relay}


async def test_only_codecs_that_we_speak_are_offered(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    caller = call_in(carrier, edge)
    caller.body = sdp(carrier.host, 40000, codecs="18 0 8 9 101")
    caller.send()

    offer = (await worker.expect("INVITE")).body
    media = next(line for line in offer.splitlines() if line.startswith("m="))
    assert media.split()[3:] == ["0", "8", "9", "101"]


async def test_early_media_reaches_the_caller(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    call_in(carrier, edge).send()
    invite = await worker.expect("INVITE")
    worker.reply(
        invite, 183, tag="w", body=sdp(worker.host, 42000), Contact=worker.contact
    )

    progress = await carrier.expect(183)
    assert media_address(progress.body)[0] == edge.outside[0]


async def test_an_offer_may_come_with_the_answer(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    caller = call_in(carrier, edge)
    caller.body = ""
    caller.send()
    invite = await worker.expect("INVITE")
    tag = secrets.token_hex(4)
    worker.send(
        reply_to(
            invite,
            200,
            tag=tag,
            body=sdp(worker.host, 42000),
            Contact=worker.contact,
        )
    )

    outside = await caller.answered(sdp(carrier.host, 40000))

    ack = await worker.expect("ACK")
    assert media_address(outside.answer)[0] == edge.outside[0]
    assert media_address(ack.body)[0] == edge.private[0]
    assert_nothing_private(edge, carrier)


async def test_a_phone_on_tcp_calls_and_is_called(
    edge: EdgeServer, worker: Party
) -> None:
    async with tcp_party(PHONE_HOST, edge.outside) as phone:
        caller = call_as(phone, edge, "alice", APP)
        outside, inside = await connect(
            await caller.send_with_password("alice", PASSWORD), worker
        )

        await reinvite(inside, outside, "sendrecv")
        await reinvite(outside, inside, "sendrecv")
        await inside.hang_up_with(outside)

        assert_nothing_private(edge, phone)


async def test_requests_within_no_call_of_ours_go_nowhere(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    forged = Dialog(
        carrier,
        "no-such-call",
        "<sip:a@a>;tag=1",
        "<sip:b@b>;tag=2",
        target=f"sip:w@{worker.host}:{worker.port}",
        routes=[f"<sip:{edge.outside[0]}:{edge.outside[1]};lr>"],
    )
    second = Dialog(
        carrier,
        "no-such-call",
        "<sip:a@a>;tag=1",
        "<sip:b@b>;tag=2",
        target="sip:victim@127.0.0.99:5060",
        routes=[
            f"<sip:{edge.outside[0]}:{edge.outside[1]};lr>",
            "<sip:127.0.0.98:5060;lr>",
        ],
    )

    for dialog in (forged, second):
        dialog.request("BYE")
        assert (await carrier.expect(481, 200)).status == 481
    await worker.silence("BYE")


async def test_the_far_end_of_a_dead_workers_call_is_hung_up_at_once(
    edge: EdgeServer, directory: Bus, carrier: Party, worker: Party
) -> None:
    outbound = call_out(worker, edge, "1555", "3").send()
    _, callee = await connect(outbound, carrier)
    caller, _ = await connect(call_in(carrier, edge).send(), worker)
    worker.close()

    name = WorkerAddress(f"{worker.host}:{worker.port}")
    await is_told_lost(directory, name)

    byes = {(await callee.wait_for_bye()).get("Call-ID") for _ in range(2)}
    assert byes == {callee.call_id, caller.call_id}
    assert_nothing_private(edge, carrier)


async def test_calls_of_other_workers_go_on(
    edge: EdgeServer, directory: Bus, carrier: Party, second_worker: Party
) -> None:
    outbound = call_out(second_worker, edge, "1555", "3").send()
    inside, outside = await connect(outbound, carrier)

    await directory.nodes.tell_lost(WorkerAddress(f"{PRIVATE_HOST}:1"))

    await carrier.silence("BYE")
    await outside.hang_up_with(inside)


async def rings_for_nobody(
    edge: EdgeServer, directory: Bus, carrier: Party, worker: Party
) -> Message:
    """The INVITE of a call whose worker died while it rang."""
    call_out(worker, edge, "1555", "3").send()
    invite = await carrier.expect("INVITE")
    carrier.reply(invite, 180, tag="c")
    await worker.expect(180)
    worker.close()
    await is_told_lost(directory, WorkerAddress(f"{worker.host}:{worker.port}"))
    return invite


async def test_the_callee_of_a_dead_worker_stops_ringing(
    edge: EdgeServer, directory: Bus, carrier: Party, worker: Party
) -> None:
    await rings_for_nobody(edge, directory, carrier, worker)

    carrier.reply(await carrier.expect("CANCEL"), 200)


async def test_a_callee_who_answers_while_a_dead_workers_call_is_cancelled_is_hung_up(
    edge: EdgeServer, directory: Bus, carrier: Party, worker: Party
) -> None:
    invite = await rings_for_nobody(edge, directory, carrier, worker)
    cancel = await carrier.expect("CANCEL")

    body = sdp(carrier.host, 42000)
    carrier.reply(invite, 200, tag="c", body=body, Contact=carrier.contact)
    carrier.reply(cancel, 200, tag="c")

    bye = await carrier.expect("BYE")
    assert bye.get("Call-ID") == invite.get("Call-ID")
    carrier.reply(bye, 200)
    async with asyncio.timeout(20):
        while await streams(edge):  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)


async def test_a_dead_workers_call_ends_though_its_cancel_is_never_answered(
    edge: EdgeServer,
    directory: Bus,
    carrier: Party,
    worker: Party,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else the next trunk would be called for nobody, after the callee's time."""
    monkeypatch.setattr(lost_calls, "CANCELLED_WITHIN_S", 1)
    call_out(worker, edge, "1555", "3").send()
    carrier.reply(await carrier.expect("INVITE"), 183, tag="c")
    await worker.expect(183)
    worker.close()
    name = WorkerAddress(f"{worker.host}:{worker.port}")
    await is_told_lost(directory, name)
    await carrier.expect("CANCEL")

    rpc = edge.settings.data / "edge" / RPC_SOCKET
    async with asyncio.timeout(20):
        while await kamailio_rpc(rpc, "dlg.profile_list", "worker", name):  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)


async def streams(edge: EdgeServer) -> int:
    """Calls that rtpengine has ports for."""
    sip = edge.settings.sip
    told = await rtpengine_statistics(sip.private_host, sip.rtpengine_port)
    return int(told["currentstatistics"]["sessionstotal"])


@pytest.mark.parametrize("last_word", [100, 180, 183])
async def test_the_caller_of_a_worker_that_dies_unanswered_is_told_so(
    edge: EdgeServer, directory: Bus, carrier: Party, worker: Party, last_word: int
) -> None:
    caller = call_in(carrier, edge).send()
    invite = await worker.expect("INVITE")
    body = sdp(worker.host, 42000) if last_word == 183 else ""
    worker.reply(invite, last_word, tag="w", body=body, Contact=worker.contact)
    await carrier.expect(last_word)
    assert await streams(edge) == 1
    worker.close()

    name = WorkerAddress(f"{worker.host}:{worker.port}")
    await is_told_lost(directory, name)

    refusal = await caller.refused(500, within_s=20)
    assert refusal.get("Call-ID") == caller.call_id
    assert_nothing_private(edge, carrier)
    async with asyncio.timeout(20):
        while await streams(edge):  # noqa: ASYNC110 - of another process
            await asyncio.sleep(0.05)


async def test_an_offer_that_crosses_a_bye_takes_no_ports(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    outside, inside = await connect(call_in(carrier, edge).send(), worker)
    inside.request("BYE")
    bye = await carrier.expect("BYE")

    outside.request("INVITE", sdp(carrier.host, 42000))

    refusal = await carrier.expect(481)
    assert refusal.get("CSeq").endswith("INVITE")
    await worker.silence("INVITE")
    carrier.reply(bye, 200)
    await worker.expect(200)
