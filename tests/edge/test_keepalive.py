"""Calls one end of which has died, and nobody said so; and calls of real workers."""

import pytest

from tests.edge.conftest import assert_nothing_private, call_in, call_out
from tests.edge.dialog import answer, connect
from tests.edge.party import Party
from tests.edge.sip import sdp
from tests.servers.edge import PRIVATE_HOST, EdgeServer
from voiceplat.bus.bus import Bus
from voiceplat.calls.leg import Destination
from voiceplat.telephony.phone_settings import PhoneSettings
from voiceplat.telephony.pj_phone import PjPhone

pytestmark = [pytest.mark.edge, pytest.mark.sip, pytest.mark.real_time]

LONGEST_S = 80


@pytest.mark.timeout(LONGEST_S + 20)
@pytest.mark.parametrize("edge", [{"answer_timeout_ms": 1000}], indirect=True)
async def test_whoever_talks_to_a_dead_end_is_hung_up(
    edge: EdgeServer, carrier: Party, second_carrier: Party, worker: Party
) -> None:
    """Kamailio asks every 30 s and waits 10 s more."""
    out_of_dead = await connect(
        call_out(worker, edge, "1555", "7").send(), second_carrier
    )
    into_dead = await connect(call_in(second_carrier, edge).send(), worker)
    alive = await connect(call_in(carrier, edge).send(), worker)
    second_carrier.dead = True

    byes = {(await alive[1].wait_for_bye(LONGEST_S)).get("Call-ID") for _ in range(2)}

    assert byes == {out_of_dead[0].call_id, into_dead[0].call_id}
    await alive[1].hang_up_with(alive[0])
    assert_nothing_private(edge, carrier, second_carrier)


@pytest.mark.timeout(LONGEST_S + 20)
@pytest.mark.parametrize("edge", [{"answer_timeout_ms": 1000}], indirect=True)
async def test_a_dead_worker_is_noticed_and_a_real_one_is_not_disturbed(
    edge: EdgeServer, directory: Bus, carrier: Party, worker: Party
) -> None:
    dead_out = await connect(call_out(worker, edge, "1555", "3").send(), carrier)
    dead_in = await connect(call_in(carrier, edge).send(), worker)
    await directory.slots.withdraw(f"{worker.host}:{worker.port}")
    proxy = f"{edge.private[0]}:{edge.private[1]}"
    settings = PhoneSettings(host=PRIVATE_HOST, proxy=proxy, domain=edge.domain)
    async with PjPhone.open(settings) as pjsua:
        await directory.slots.announce(pjsua.address, 1, 0)
        caller = call_in(carrier, edge).send()
        _, inbound = await pjsua.next_call()
        await inbound.answer()
        outside_in = await caller.answered()
        outbound = await pjsua.dial(
            Destination(
                uri=f"sip:1555@{edge.domain}",
                from_user="1777",
                headers={"X-VP-Route": "3"},
            )
        )
        invite = await carrier.expect("INVITE")
        outside_out = answer(carrier, invite, sdp(carrier.host, 45000))
        await outbound.until_answered()
        worker.dead = True

        byes = {
            (await dead_out[1].wait_for_bye(LONGEST_S)).get("Call-ID") for _ in range(2)
        }

        assert byes == {dead_out[0].call_id, dead_in[0].call_id}
        assert not inbound.ended
        assert not outbound.ended
        outside_in.request("INVITE", sdp(carrier.host, 46000))
        assert (await carrier.expect(200, 500)).status == 200
        outside_in.request("ACK")
        outside_in.request("BYE")
        outside_out.request("BYE")
        await inbound.until_ended()
        await outbound.until_ended()
    assert_nothing_private(edge, carrier)
