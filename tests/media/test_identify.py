"""An INVITE from the edge becomes a call of the right application."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.media.conftest import APP, MAIN, SUB
from voiceplat.bus.bus import Bus
from voiceplat.bus.directory import PriceEntry, TrunkEntry, UserEntry
from voiceplat.calls.call import Call
from voiceplat.calls.leg import Invite
from voiceplat.calls.rate import Rate
from voiceplat.core.errors import NotFound
from voiceplat.media.identify import identify

pytestmark = pytest.mark.redis

FROM_TRUNK = {
    "x-vp-kind": "trunk",
    "x-vp-who": "3",
    "x-vp-target": "number",
    "x-vp-to": "15550100",
    "x-vp-source": "udp:192.0.2.3:5060",
}
FROM_ALICE = {
    "x-vp-kind": "user",
    "x-vp-who": "alice123",
    "x-vp-account": SUB,
    "x-vp-target": "any",
    "to": "<sip:bob@voiceplat.local>",
}


def invite(headers: dict[str, str], **more: str | dict[str, str]) -> Invite:
    told = {
        "request_user": "+15550100",
        "from_uri": "sip:+15550199@192.0.2.3",
        "from_name": "",
        "to_uri": "sip:+15550100@192.0.2.9",
        "call_id": "c1",
    } | more
    return Invite(headers=headers, **told)  # type: ignore[arg-type]


async def identified(bus: Bus, call: Invite) -> Call:
    found, _ = await identify(call, bus.directory, timedelta(hours=4))
    return found


async def test_a_trunk_call_to_a_number_belongs_to_its_application(
    directory_of_one: Bus,
) -> None:
    call = await identified(directory_of_one, invite(FROM_TRUNK))

    assert (call.account, call.main_account) == (SUB, MAIN)
    assert call.answer is not None
    assert call.answer.url == "http://app/answer"
    assert call.hangup == call.answer
    assert call.source_ip == "192.0.2.3"


@pytest.mark.statement(56)
async def test_numbers_are_told_without_a_plus(directory_of_one: Bus) -> None:
    call = await identified(directory_of_one, invite(FROM_TRUNK))

    assert (call.from_, call.to) == ("15550199", "15550100")


@pytest.mark.statement(58)
async def test_the_caller_name_of_a_number_is_the_number(
    directory_of_one: Bus,
) -> None:
    call = await identified(directory_of_one, invite(FROM_TRUNK))

    assert call.caller_name == "15550199"


async def test_a_call_to_an_application_uri_belongs_to_it(
    directory_of_one: Bus,
) -> None:
    headers = FROM_TRUNK | {"x-vp-target": "app", "x-vp-to": APP}

    call = await identified(directory_of_one, invite(headers))

    assert call.account == SUB
    assert call.to == f"sip:{APP}@app.plivo.com"


@pytest.mark.statement(57, 58)
async def test_an_endpoint_is_told_by_uri_and_display_name(
    directory_of_one: Bus,
) -> None:
    await directory_of_one.directory.put_user(
        UserEntry(username="alice123", ha1="x", account=SUB, app_id=APP)
    )
    dialled = invite(
        FROM_ALICE | {"x-vp-to": "bob"}, request_user="bob", from_name="Alice L."
    )

    call = await identified(directory_of_one, dialled)

    assert call.from_ == "sip:alice123@phone.plivo.com"
    assert call.to == "sip:bob@phone.plivo.com"
    assert call.caller_name == "Alice L."
    assert call.sip_to_header == "<sip:bob@voiceplat.local>"


@pytest.mark.statement(71, 72)
async def test_custom_headers_come_along_reserved_ones_do_not(
    directory_of_one: Bus,
) -> None:
    custom = {"Order": "42", "Plivo-Evil": "1"}

    call = await identified(directory_of_one, invite(FROM_TRUNK, custom=custom))

    assert call.sip_headers == {"Order": "42"}


@pytest.mark.statement(59)
@pytest.mark.parametrize(
    ("diversion", "number"),
    [
        ("<sip:+15550123@carrier.example>;reason=unconditional", "15550123"),
        ('"Bob" <tel:+1-555-0123>', "15550123"),
        ("", ""),
    ],
)
async def test_a_forwarded_call_names_who_forwarded_it(
    directory_of_one: Bus, diversion: str, number: str
) -> None:
    headers = FROM_TRUNK | ({"diversion": diversion} if diversion else {})

    call = await identified(directory_of_one, invite(headers))

    assert call.forwarded_from == number


@pytest.mark.parametrize(("trusted", "number"), [(True, "15550177"), (False, None)])
async def test_a_withheld_caller_is_told_by_trusted_trunks(
    directory_of_one: Bus, number: str | None, *, trusted: bool
) -> None:
    trunk = TrunkEntry(id=3, name="a", host="192.0.2.3", port=5060, trusted=trusted)
    await directory_of_one.directory.put_trunks([trunk])
    headers = FROM_TRUNK | {"p-asserted-identity": "<sip:+15550177@c>"}

    call = await identified(
        directory_of_one,
        invite(headers, from_uri="sip:anonymous@anonymous.invalid"),
    )

    assert call.from_ == (number or "anonymous")
    assert call.withheld


@pytest.mark.parametrize(
    "changed",
    [
        {"x-vp-to": "15559999"},
        {"x-vp-target": "app", "x-vp-to": "9" * 17},
        {"x-vp-kind": "user", "x-vp-target": "any", "x-vp-who": "nobody"},
    ],
)
async def test_a_call_to_nothing_is_not_found(
    directory_of_one: Bus, changed: dict[str, str]
) -> None:
    with pytest.raises(NotFound):
        await identified(directory_of_one, invite(FROM_TRUNK | changed))


@pytest.mark.parametrize(
    ("headers", "rate"), [(FROM_TRUNK, "0.01000"), (FROM_ALICE, "0.00300")]
)
async def test_a_call_costs_by_the_number_called_or_the_endpoint_that_calls(
    directory_of_one: Bus, headers: dict[str, str], rate: str
) -> None:
    await directory_of_one.directory.put_user(
        UserEntry(username="alice123", ha1="x", account=SUB, app_id=APP)
    )
    prices = {"1555": "0.01", "1": "0.5", "sip": "0.003"}
    await directory_of_one.directory.put_prices(
        PriceEntry(
            prefix=prefix, outbound=Rate(), inbound=Rate(per_minute=Decimal(amount))
        )
        for prefix, amount in prices.items()
    )

    call = await identified(directory_of_one, invite(headers))

    assert call.rate.text == rate
