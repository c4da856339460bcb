"""What a trunk is told, in its own format, and what its limits do."""

import asyncio

import pytest

from tests.edge.conftest import CARRIER_HOST, SECOND_CARRIER_HOST, call_out
from tests.edge.dialog import connect
from tests.edge.party import Party
from tests.servers.edge import EdgeServer
from voiceplat.bus.bus import Bus
from voiceplat.bus.directory import TrunkEntry

pytestmark = pytest.mark.edge

CALLEE = "+493012345"


@pytest.fixture
def trunk(request: pytest.FixtureRequest, carrier_ports: tuple[int, int]) -> TrunkEntry:
    """The first trunk, as `@pytest.mark.parametrize("trunk", [{…}], indirect=True)`."""
    given = getattr(request, "param", {})
    return TrunkEntry(
        id=3, name="one", host=CARRIER_HOST, port=carrier_ports[0], **given
    )


@pytest.fixture
async def directory(
    directory: Bus, trunk: TrunkEntry, carrier_ports: tuple[int, int]
) -> Bus:
    second = TrunkEntry(
        id=7, name="two", host=SECOND_CARRIER_HOST, port=carrier_ports[1]
    )
    await directory.directory.put_trunks([trunk, second])
    return directory


def user_of(uri: str) -> str:
    return uri.partition("sip:")[2].partition("@")[0]


@pytest.mark.parametrize(
    ("trunk", "called", "calling"),
    [
        ({}, "+493012345", "+15550001111"),
        ({"number_format": "digits"}, "493012345", "15550001111"),
        ({"number_format": "international"}, "00493012345", "0015550001111"),
        ({"number_format": "national:49"}, "03012345", "0015550001111"),
        ({"number_format": "national:1"}, "011493012345", "5550001111"),
        ({"dial_prefix": "99#", "number_format": "digits"}, "99#493012345", "1555"),
    ],
    indirect=["trunk"],
)
async def test_numbers_are_written_as_the_trunk_wants(
    edge: EdgeServer, carrier: Party, worker: Party, called: str, calling: str
) -> None:
    ours, theirs = await connect(call_out(worker, edge, CALLEE, "3").send(), carrier)

    invite = carrier.heard_first("INVITE")
    assert invite.uri == f"sip:{called}@{carrier.host}:{carrier.port}"
    assert user_of(invite.get("From")).startswith(calling)
    await ours.hang_up_with(theirs)
    bye = carrier.heard_first("BYE")
    assert user_of(bye.get("From")) == user_of(invite.get("From"))


@pytest.mark.parametrize("trunk", [{"number_format": "digits"}], indirect=True)
async def test_after_a_failure_the_next_trunk_is_told_in_its_own_format(
    edge: EdgeServer, carrier: Party, second_carrier: Party, worker: Party
) -> None:
    caller = call_out(worker, edge, CALLEE, "3,7").send()
    carrier.reply(await carrier.expect("INVITE"), 503, tag="c")

    await connect(caller, second_carrier)

    invite = second_carrier.heard_first("INVITE")
    assert user_of(invite.uri) == CALLEE
    assert user_of(invite.get("From")) == "+15550001111"


@pytest.mark.parametrize("trunk", [{"calls_max": 1}], indirect=True)
async def test_a_trunk_with_all_its_calls_is_passed_over_until_one_ends(
    edge: EdgeServer, carrier: Party, second_carrier: Party, worker: Party
) -> None:
    ours, theirs = await connect(call_out(worker, edge, CALLEE, "3,7").send(), carrier)
    await connect(call_out(worker, edge, CALLEE, "3,7").send(), second_carrier)
    full = await call_out(worker, edge, CALLEE, "3").send().refused(503)

    await ours.hang_up_with(theirs)

    await connect(call_out(worker, edge, CALLEE, "3").send(), carrier)
    assert full.get("X-VP-Cause") == "3090"


@pytest.mark.parametrize("trunk", [{"calls_max": 1}], indirect=True)
async def test_a_call_that_a_trunk_could_not_carry_takes_none_of_its_room(
    edge: EdgeServer, carrier: Party, second_carrier: Party, worker: Party
) -> None:
    first = call_out(worker, edge, CALLEE, "3,7").send()
    carrier.reply(await carrier.expect("INVITE"), 503, tag="c")
    await connect(first, second_carrier)

    await connect(call_out(worker, edge, CALLEE, "3").send(), carrier)


@pytest.mark.parametrize("trunk", [{"calls_max": 2}], indirect=True)
async def test_ringing_calls_have_room_too_and_give_it_back(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    for _ in range(2):
        call_out(worker, edge, CALLEE, "3").send()
    invites = [await carrier.expect("INVITE") for _ in range(2)]

    full = await call_out(worker, edge, CALLEE, "3").send().refused(503)
    for invite in invites:
        carrier.reply(invite, 486, tag="c")
        await worker.expect(486)

    assert full.get("X-VP-Cause") == "3090"
    await connect(call_out(worker, edge, CALLEE, "3").send(), carrier)


@pytest.mark.parametrize("trunk", [{"calls_per_second": 3}], indirect=True)
async def test_no_second_sees_more_starts_than_a_trunk_may_have(
    edge: EdgeServer, carrier: Party, second_carrier: Party, worker: Party
) -> None:
    loop, starts = asyncio.get_running_loop(), list[float]()

    async def note_starts() -> None:
        while True:
            await carrier.expect("INVITE", within_s=60)
            starts.append(loop.time())

    noting = asyncio.create_task(note_starts())
    for _ in range(60):
        call_out(worker, edge, CALLEE, "3,7").send()
        await asyncio.sleep(0.05)
    noting.cancel()

    others = sum(text.startswith("INVITE") for text in second_carrier.heard)
    assert others >= 60 - len(starts)
    assert len(starts) >= 6
    for first, fourth in zip(starts, starts[3:], strict=False):
        assert fourth - first > 0.5, "a second apart, but for how late we looked"


@pytest.mark.parametrize("trunk", [{"calls_per_second": 1}], indirect=True)
async def test_a_trunk_that_had_its_starts_of_this_second_is_congested(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    for _ in range(4):
        call_out(worker, edge, CALLEE, "3").send()

    refusal = await worker.expect(503)

    assert refusal.get("X-VP-Cause") == "3090"


async def test_who_forwarded_the_call_is_told(
    edge: EdgeServer, carrier: Party, worker: Party
) -> None:
    call_out(worker, edge, CALLEE, "3", X_VP_Diversion="15550002222").send()

    invite = await carrier.expect("INVITE")
    assert invite.get("Diversion") == (
        f"<sip:+15550002222@{edge.domain}>;reason=unconditional;counter=1"
    )
    assert user_of(invite.get("From")) == "+15550001111"


@pytest.mark.parametrize(
    "trunk", [{"trusted": True, "number_format": "digits"}], indirect=True
)
async def test_only_a_trusted_trunk_is_told_whom_we_vouch_for(
    edge: EdgeServer, carrier: Party, second_carrier: Party, worker: Party
) -> None:
    caller = call_out(
        worker, edge, CALLEE, "3,7", X_VP_Identity="15550003333", X_VP_Privacy="id"
    )
    caller.sender = "sip:anonymous@anonymous.invalid"
    caller.send()
    trusted = await carrier.expect("INVITE")
    carrier.reply(trusted, 503, tag="c")

    other = await second_carrier.expect("INVITE")

    told = f"<sip:15550003333@{edge.domain}>"
    assert trusted.get("P-Asserted-Identity") == told
    assert "P-Asserted-Identity" not in other.names()
    assert "15550003333" not in second_carrier.heard[-1]
    for invite in (trusted, other):
        assert invite.get("Privacy") == "id"
        assert "sip:anonymous@anonymous.invalid" in invite.get("From")
