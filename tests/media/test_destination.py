"""Where an outbound call is sent, and as whom."""

from datetime import timedelta

import pytest

from tests.media.conftest import MAIN, SUB
from voiceplat.bus.bus import Bus
from voiceplat.bus.directory import TrunkEntry
from voiceplat.calls.call import Call
from voiceplat.calls.leg import Destination
from voiceplat.calls.status import Direction
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import NotFound
from voiceplat.core.ids import AuthId, CallUuid
from voiceplat.core.sip_settings import SipSettings
from voiceplat.media.destination import destination_of

pytestmark = pytest.mark.redis


STRANGER = AuthId("MA" + "Z" * 18)


def call_to(
    to: str, *, from_: str = "15550199", account: AuthId = SUB, **more: object
) -> Call:
    return Call(
        uuid=CallUuid("u1"),
        account=account,
        main_account=MAIN,
        direction=Direction.OUTBOUND,
        from_=from_,
        to=to,
        initiated_at=utc_now(),
        time_limit=timedelta(hours=4),
        **more,
    )


async def sent(bus: Bus, call: Call) -> Destination:
    return await destination_of(call, bus.directory, SipSettings())


async def test_the_longest_prefix_goes_first_then_the_priority(
    directory_of_one: Bus,
) -> None:
    to = await sent(directory_of_one, call_to("+15550100"))

    assert to.headers["X-VP-Route"] == "3,2,1"
    assert to.uri == "sip:+15550100@voiceplat.local"


async def test_a_number_that_no_prefix_fits_goes_to_the_trunk_for_all(
    directory_of_one: Bus,
) -> None:
    to = await sent(directory_of_one, call_to("33123456789"))

    assert to.headers["X-VP-Route"] == "1"


async def test_a_number_without_a_trunk_is_not_found(directory_of_one: Bus) -> None:
    await directory_of_one.directory.put_trunks([])

    with pytest.raises(NotFound, match="no trunk carries 33123456789"):
        await sent(directory_of_one, call_to("33123456789"))


@pytest.mark.parametrize(
    ("owner", "route"), [(None, "9"), (SUB, "9"), (MAIN, "9"), (STRANGER, None)]
)
async def test_a_trunk_of_one_account_carries_its_calls_and_its_subaccounts_alone(
    directory_of_one: Bus, owner: AuthId | None, route: str | None
) -> None:
    trunk = TrunkEntry(id=9, name="own", host="192.0.2.9", port=5060, account=owner)
    await directory_of_one.directory.put_trunks([trunk])

    try:
        to = await sent(directory_of_one, call_to("15550100"))
    except NotFound:
        assert route is None
    else:
        assert to.headers["X-VP-Route"] == route


async def test_a_trunk_of_a_subaccount_does_not_carry_its_main_accounts_calls(
    directory_of_one: Bus,
) -> None:
    trunk = TrunkEntry(id=9, name="own", host="192.0.2.9", port=5060, account=SUB)
    await directory_of_one.directory.put_trunks([trunk])

    with pytest.raises(NotFound, match="no trunk carries"):
        await sent(directory_of_one, call_to("15550100", account=MAIN))


@pytest.mark.parametrize(
    "host",
    [
        "phone.plivo.com",
        "voiceplat.local",
        "phone.plivo.com;transport=tcp",
        "phone.plivo.com:5060;lr",
    ],
)
async def test_an_endpoint_is_found_by_the_edge(
    directory_of_one: Bus, host: str
) -> None:
    to = await sent(directory_of_one, call_to(f"sip:alice123@{host}"))

    assert to.uri == "sip:alice123@voiceplat.local"
    assert "X-VP-Route" not in to.headers


@pytest.mark.parametrize(
    ("said", "sent_to"),
    [
        ("sip:alice@elsewhere.example", "sip:alice@elsewhere.example"),
        ("SIP:alice@192.0.2.7:5070;user=phone", "sip:alice@192.0.2.7:5070"),
        (
            "sip:alice;x=1@elsewhere.example;transport=TCP;lr",
            "sip:alice@elsewhere.example;transport=tcp",
        ),
    ],
)
async def test_a_uri_of_another_host_goes_there_past_the_trunks(
    directory_of_one: Bus, said: str, sent_to: str
) -> None:
    to = await sent(directory_of_one, call_to(said))

    assert to.uri == sent_to
    assert "X-VP-Route" not in to.headers


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("sips:alice@elsewhere.example", "not TLS"),
        ("sip:alice@elsewhere.example;transport=tls", "not TLS"),
        ("sip:alice@else where", "no host"),
    ],
)
async def test_a_uri_that_the_edge_cannot_relay_is_refused(
    directory_of_one: Bus, uri: str, why: str
) -> None:
    with pytest.raises(NotFound, match=why):
        await sent(directory_of_one, call_to(uri))


async def test_uris_of_other_hosts_can_be_forbidden(directory_of_one: Bus) -> None:
    call = call_to("sip:alice@elsewhere.example")
    settings = SipSettings(outside_uris=False)

    with pytest.raises(NotFound, match="endpoints of ours alone"):
        await destination_of(call, directory_of_one.directory, settings)


@pytest.mark.parametrize(
    ("from_", "user"),
    [
        ("15550199", "+15550199"),
        ("sip:bob1@phone.plivo.com", "bob1"),
        ("sip:bob1@phone.plivo.com;transport=tcp", "bob1"),
        ("sip:bob1;x=1@phone.plivo.com:5060", "bob1"),
        ("ACME", "ACME"),
    ],
)
async def test_the_caller_is_shown_as_asked(
    directory_of_one: Bus, from_: str, user: str
) -> None:
    call = call_to("15550100", from_=from_, caller_name="Bob")

    to = await sent(directory_of_one, call)

    assert (to.from_user, to.from_name) == (user, "Bob")


async def test_custom_headers_and_the_call_uuid_go_with_the_invite(
    directory_of_one: Bus,
) -> None:
    to = await sent(directory_of_one, call_to("15550100", sip_headers={"a": "1"}))

    assert to.headers["X-PH-a"] == "1"
    assert to.headers["X-VP-Call"] == to.headers["X-CallUUID"] == "u1"
