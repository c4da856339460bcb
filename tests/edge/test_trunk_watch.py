"""What operators are told of their trunks."""

import asyncio

import pytest

from tests.edge.conftest import call_out, until
from tests.edge.dialog import connect
from tests.edge.party import Party, udp_party
from tests.servers.edge import EdgeServer
from voiceplat.bus.bus import Bus
from voiceplat.bus.trunks import TrunkHealth, TrunkState
from voiceplat.calls.trouble import PLATFORM
from voiceplat.core.clock import utc_now

pytestmark = pytest.mark.edge

QUICK = pytest.mark.parametrize(
    "edge",
    [
        {
            "trunk_probe_interval_s": 1,
            "answer_timeout_ms": 500,
            "trunk_state_interval_ms": 100,
        }
    ],
    indirect=True,
)


async def until_state(bus: Bus, trunk: int, **wanted: object) -> TrunkState:
    found = TrunkState()

    async def is_so() -> bool:
        nonlocal found
        found = (await bus.trunks.states()).get(trunk, TrunkState())
        return all(getattr(found, name) == value for name, value in wanted.items())

    await until(is_so, within_s=20)
    return found


@QUICK
async def test_calls_and_the_last_failure_are_told(
    edge: EdgeServer,
    directory: Bus,
    carrier: Party,
    second_carrier: Party,
    worker: Party,
) -> None:
    caller = call_out(worker, edge, "+1555", "3,7").send()
    carrier.reply(await carrier.expect("INVITE"), 503, tag="c")
    ours, theirs = await connect(caller, second_carrier)

    failed = await until_state(directory, 3, last_failure="503 No", calls=0)
    await until_state(directory, 7, calls=1, last_failure="")
    await ours.hang_up_with(theirs)

    await until_state(directory, 7, calls=0)
    assert failed.failed_at is not None


@QUICK
async def test_a_carrier_that_goes_away_is_skipped_until_it_comes_back(
    edge: EdgeServer,
    directory: Bus,
    carrier_ports: tuple[int, int],
    second_carrier: Party,
    worker: Party,
) -> None:
    host, port, began = "127.0.0.10", carrier_ports[0], utc_now()
    down = await until_state(directory, 3, health=TrunkHealth.DOWN)
    await connect(call_out(worker, edge, "+1555", "3,7").send(), second_carrier)

    async with udp_party(host, edge.outside, port) as carrier:
        up = await until_state(directory, 3, health=TrunkHealth.UP)
        await connect(call_out(worker, edge, "+1555", "3,7").send(), carrier)

    assert down.since is not None
    assert up.since is not None
    assert up.since > down.since

    async def operator_is_told() -> bool:
        told = [it.text for it in await directory.troubles.last(PLATFORM, began)]
        return told[-2:] == ["trunk one is up", "trunk one is down"]

    await until(operator_is_told, within_s=20)


@QUICK
async def test_a_trunk_that_stays_as_it_is_keeps_its_since(
    edge: EdgeServer, directory: Bus, carrier: Party
) -> None:
    first = await until_state(directory, 3, health=TrunkHealth.UP)
    await asyncio.sleep(1)
    again = await until_state(directory, 3, health=TrunkHealth.UP)

    assert again.since == first.since
