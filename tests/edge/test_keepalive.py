"""Calls one end of which has died, and nobody said so."""

import pytest

from tests.edge.conftest import assert_nothing_private, call_in, call_out
from tests.edge.dialog import connect
from tests.edge.party import Party
from tests.servers.edge import EdgeServer

pytestmark = [pytest.mark.edge, pytest.mark.real_time]

LONGEST_S = 80


@pytest.mark.timeout(LONGEST_S + 20)
@pytest.mark.parametrize("edge", [{"answer_timeout_ms": 1000}], indirect=True)
async def test_whoever_talks_to_a_dead_end_is_hung_up(
    edge: EdgeServer,
    carrier: Party,
    second_carrier: Party,
    worker: Party,
    second_worker: Party,
) -> None:
    """Kamailio asks every 30 s and waits 10 s more, so all cases share that time."""
    out_of_dead = await connect(call_out(worker, edge, "1555", "3").send(), carrier)
    into_dead = await connect(call_in(carrier, edge).send(), worker)
    out_to_dead = await connect(
        call_out(second_worker, edge, "1555", "7").send(), second_carrier
    )
    alive = await connect(call_out(second_worker, edge, "1555", "3").send(), carrier)
    worker.dead = second_carrier.dead = True

    byes = [await carrier.expect("BYE", within_s=LONGEST_S) for _ in range(2)]
    for bye in byes:
        carrier.reply(bye, 200)
    theirs = await second_worker.expect("BYE", within_s=LONGEST_S)
    second_worker.reply(theirs, 200)

    assert {bye.get("Call-ID") for bye in byes} == {
        out_of_dead[0].call_id,
        into_dead[0].call_id,
    }
    assert theirs.get("Call-ID") == out_to_dead[0].call_id
    await alive[1].hang_up_with(alive[0])
    assert_nothing_private(edge, carrier, second_carrier)
