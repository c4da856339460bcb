"""Calls that ring while Kamailio dies."""

import asyncio
import os
import signal
from contextlib import closing
from typing import Literal

import pytest

from tests.edge.conftest import assert_nothing_private, call_in, call_out
from tests.edge.dialog import Dialog
from tests.edge.party import Party
from tests.edge.sip import media_address, sdp
from tests.servers.edge import PRIVATE_HOST, EdgeServer
from voiceplat.edge.topology import TOPOLOGY_SOCKET

pytestmark = [pytest.mark.edge, pytest.mark.fault]

TAG = "callee"
WITHIN_S = 10


async def kill_kamailio(edge: EdgeServer) -> None:
    """Returns when another one serves."""
    child = edge.edge.kamailio
    old = child.pid
    os.kill(old, signal.SIGKILL)
    async with asyncio.timeout(WITHIN_S):
        while child.pid == old or not await child._is_up():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("way", ["in", "out"])
async def test_a_call_that_rings_is_answered_all_the_same(
    way: Literal["in", "out"], edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    if way == "in":
        caller, callee = call_in(carrier, edge).send(), worker
    else:
        caller, callee = call_out(worker, edge, "1555", "3").send(), carrier
    invite = await callee.expect("INVITE")
    callee.reply(invite, 180, tag=TAG, Contact=callee.contact)
    await caller.party.expect(180)

    await kill_kamailio(edge)
    body = sdp(callee.host, 42000)
    callee.reply(invite, 200, tag=TAG, body=body, Contact=callee.contact)
    ours = await caller.answered(within_s=WITHIN_S)
    theirs = Dialog.of_callee(callee, invite, f"{invite.get('To')};tag={TAG}")

    await callee.expect("ACK")
    relay = edge.outside[0] if way == "in" else PRIVATE_HOST
    assert media_address(ours.answer)[0] == relay
    await theirs.hang_up_with(ours)
    assert_nothing_private(edge, carrier)


async def test_a_call_that_rings_is_refused_all_the_same(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    caller = call_out(worker, edge, "1555", "3").send()
    invite = await carrier.expect("INVITE")

    await kill_kamailio(edge)
    carrier.reply(invite, 486, tag=TAG)

    await caller.refused(486, within_s=WITHIN_S)


async def test_an_answer_that_nobody_asked_for_goes_nowhere(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    call_out(worker, edge, "1555", "3").send()
    invite = await carrier.expect("INVITE")
    forged = invite.get("Via").replace("z9hG4bK", "z9hG4bK0")
    invite.headers = [
        *(("Via", via) for via in (forged, f"SIP/2.0/UDP {worker.host}:{worker.port}")),
        *(header for header in invite.headers if header[0] != "Via"),
    ]

    carrier.reply(invite, 486, tag=TAG)

    await worker.silence(486)


@pytest.mark.parametrize("way", ["in", "out"])
async def test_an_invite_that_died_with_it_is_sent_again(
    way: Literal["in", "out"], edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    """As whoever has heard no 100 does; it dies while it writes down the call."""
    await tell_topology(edge, "CLIENT PAUSE 60000 WRITE")
    if way == "in":
        caller, callee = call_in(carrier, edge).send(), worker
    else:
        caller, callee = call_out(worker, edge, "1555", "3").send(), carrier
    await caller.party.silence(100, for_s=0.5)
    await callee.silence("INVITE", for_s=0)

    await kill_kamailio(edge)
    await tell_topology(edge, "CLIENT UNPAUSE")
    caller.party.send(caller.sent)
    await callee.expect("INVITE", within_s=WITHIN_S)
    await caller.party.expect(100)


async def tell_topology(edge: EdgeServer, command: str) -> None:
    """To the edge's own Redis, which hears nobody but by its socket."""
    path = edge.settings.data / "edge" / TOPOLOGY_SOCKET
    reader, writer = await asyncio.open_unix_connection(path)
    with closing(writer):
        writer.write(f"{command}\r\n".encode())
        assert await reader.readline() == b"+OK\r\n"
