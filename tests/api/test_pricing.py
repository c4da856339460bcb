"""Pricing, rates and credits as clients see them (plivo-rest 7.4, 9.3)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.api.conftest import Client, Server
from tests.api.test_make_call import ORDER, queued
from tests.db.ended import ended_call
from tests.db.test_prices import TABLE
from voiceplat.calls.rate import Rate
from voiceplat.core.clock import utc_now
from voiceplat.core.money import BillingMode
from voiceplat.db.models import Number
from voiceplat.db.repositories import CallRepository, NumberRepository
from voiceplat.services.bill_account import add_credit, set_billing
from voiceplat.services.load_prices import load_prices
from voiceplat.services.sync_directory import PRICES_CHANGED

pytestmark = pytest.mark.redis


@pytest.fixture
async def prices(server: Server) -> None:
    async with server.db.transaction() as tx:
        await load_prices(tx, TABLE)
    await server.platform.directory.tell(PRICES_CHANGED)


async def go_prepaid(server: Server, credits_left: str) -> None:
    async with server.db.transaction() as tx:
        await set_billing(tx, server.main.auth_id, BillingMode.PREPAID)
        _, changes = await add_credit(tx, server.main.auth_id, Decimal(credits_left))
    await server.platform.directory.tell(*changes)


@pytest.mark.usefixtures("prices")
@pytest.mark.parametrize("iso", ["US", "us"])
async def test_the_pricing_of_a_country_is_shown_with_every_field(
    api: Client, iso: str
) -> None:
    body = (await api.get("Pricing/", params={"country_iso": iso})).json()

    assert body == {
        "api_id": body["api_id"],
        "country": "United States",
        "country_code": 1,
        "country_iso": "US",
        "message": {
            "inbound": {"rate": "0.00000"},
            "outbound": {"rate": "0.00000"},
            "outbound_networks_list": [],
        },
        "phone_numbers": {},
        "voice": {
            "inbound": {
                "ip": {"rate": "0.00300"},
                "local": {"rate": "0.00550"},
                "tollfree": {"rate": "0.02100"},
            },
            "outbound": {
                "ip": {"rate": "0.00300"},
                "local": {"rate": "0.00850"},
                "rates": [
                    {"prefix": ["1800"], "rate": "0.00000"},
                    {"prefix": ["1"], "rate": "0.00850"},
                    {"prefix": ["1212"], "rate": "0.01200"},
                ],
                "tollfree": {"rate": "0.00000"},
            },
        },
    }


@pytest.mark.usefixtures("prices")
@pytest.mark.parametrize(
    ("query", "status", "error"),
    [
        ("", 400, "country_iso parameter is missing"),
        ("country_iso=USA", 400, "country_iso parameter is invalid"),
        ("country_iso=FR", 404, "no pricing for country FR"),
    ],
)
async def test_a_country_without_pricing_is_not_found(
    api: Client, query: str, status: int, error: str
) -> None:
    answer = await api.get(f"Pricing/?{query}")

    assert answer.status_code == status
    assert answer.json()["error"].startswith(error)


@pytest.mark.usefixtures("prices")
@pytest.mark.parametrize(
    ("to", "rate"),
    [
        ("+14155550199", "0.00850"),
        ("+12125550199", "0.01200"),
        ("+33123456789", "0.00000"),
        ("sip:alice@phone.plivo.com", "0.00300"),
    ],
)
async def test_a_call_has_the_rate_of_its_longest_prefix(
    server: Server, api: Client, to: str, rate: str
) -> None:
    answer = await api.post("Call/", json=ORDER | {"to": to})

    call = await queued(server, answer.json()["request_uuid"])
    assert call.rate.text == rate


async def test_a_record_says_what_the_call_cost(server: Server, api: Client) -> None:
    ended = ended_call(
        account=server.main.auth_id,
        main=server.main.auth_id,
        at=utc_now() - timedelta(minutes=1),
        talked_s=61,
        rate=Rate(per_minute=Decimal("0.0085"), pulse_s=6),
    )
    async with server.db.transaction() as tx:
        await CallRepository(tx).add_once(ended)

    body = (await api.get(f"Call/{ended.call.uuid}/")).json()

    assert (body["bill_duration"], body["billed_duration"]) == (61, 66)
    assert (body["total_rate"], body["total_amount"]) == ("0.00850", "0.00935")


@pytest.mark.usefixtures("prices")
async def test_a_number_says_what_its_callers_cost(server: Server, api: Client) -> None:
    async with server.db.transaction() as tx:
        row = Number(number="18005550100", account_id=server.main.auth_id)
        await NumberRepository(tx).add(row)

    shown = (await api.get("Number/18005550100/")).json()
    [listed] = (await api.get("Number/")).json()["objects"]

    assert shown["voice_rate"] == listed["voice_rate"] == "0.02100"


@pytest.mark.usefixtures("prices")
async def test_the_account_shows_its_credits_also_to_its_subaccount(
    server: Server, api: Client
) -> None:
    await go_prepaid(server, "4.8886")

    body = (await api.get("")).json()
    async with server.client(server.sub) as sub:
        subs = (await sub.get("")).json()

    assert (body["billing_mode"], body["cash_credits"]) == ("prepaid", "4.88860")
    assert subs["cash_credits"] == "4.88860"


@pytest.mark.usefixtures("prices")
async def test_out_of_credits_a_call_that_costs_is_refused_and_nothing_is_queued(
    server: Server, api: Client
) -> None:
    await go_prepaid(server, "0")

    refused = await api.post("Call/", json=ORDER)
    async with server.client(server.sub) as sub:
        subs = await sub.post("Call/", json=ORDER)
    free = await api.post("Call/", json=ORDER | {"to": "+33123456789"})

    assert (refused.status_code, subs.status_code) == (403, 403)
    assert refused.json()["error"] == (
        f"account {server.main.auth_id} is out of credits"
    )
    assert free.status_code == 201
    assert await server.bus.queue.depth(server.main.auth_id) == 1


@pytest.mark.usefixtures("prices")
async def test_credit_lets_calls_begin_again(server: Server, api: Client) -> None:
    await go_prepaid(server, "0")
    await go_prepaid(server, "0.01")

    assert (await api.post("Call/", json=ORDER)).status_code == 201
