"""Numbers on offer: searched, rented, given back, brought along (plivo-rest 7.3)."""

import pytest

from tests.api.conftest import Client, Server
from tests.db.test_inventory import FIRST, INVENTORY
from tests.db.test_prices import TABLE
from voiceplat.core.ids import AppId
from voiceplat.db.models import Trunk
from voiceplat.db.repositories import TrunkRepository
from voiceplat.services.load_inventory import load_inventory
from voiceplat.services.load_prices import load_prices

pytestmark = pytest.mark.redis


@pytest.fixture(autouse=True)
async def inventory(server: Server) -> None:
    async with server.db.transaction() as tx:
        await load_inventory(tx, INVENTORY)


async def own_trunk(server: Server) -> None:
    async with server.db.transaction() as tx:
        trunk = Trunk(
            name="own",
            host="192.0.2.1",
            port=5060,
            from_ips=[],
            prefixes=[""],
            account_id=server.main.auth_id,
        )
        await TrunkRepository(tx).add(trunk)


async def make_application(api: Client) -> AppId:
    answer = await api.post("Application/", json={"app_name": "a"})
    return AppId(answer.json()["app_id"])


async def test_numbers_on_offer_are_shown_with_every_field(
    server: Server, api: Client
) -> None:
    body = (await api.get("PhoneNumber/?country_iso=US&pattern=415&limit=1")).json()

    assert body["meta"]["total_count"] == 2
    assert body["objects"] == [
        {
            "country": "United States",
            "lata": "722",
            "monthly_rental_rate": "0.80000",
            "number": FIRST,
            "prefix": "415",
            "prerequisites": [],
            "rate_center": None,
            "region": "San Francisco, California",
            "resource_uri": f"/v1/Account/{server.main.auth_id}/PhoneNumber/{FIRST}/",
            "restriction": None,
            "restriction_text": None,
            "setup_rate": "0.00000",
            "sms_enabled": False,
            "sms_rate": None,
            "type": "local",
            "voice_enabled": True,
            "voice_rate": "0.00000",
        }
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("country_iso=DE", ["4930123456"]),
        ("country_iso=us&type=tollfree", ["18005550100"]),
        ("country_iso=US&type=fixed&city=Oakland", ["14155550101"]),
        ("country_iso=US&type=any&npanxx=415555", ["14155550100", "14155550101"]),
        (
            "country_iso=US&services=voice",
            ["14155550100", "14155550101", "18005550100"],
        ),
        ("country_iso=US&services=voice,sms", []),
    ],
)
async def test_numbers_on_offer_are_found_by_their_filters(
    api: Client, query: str, found: list[str]
) -> None:
    body = (await api.get(f"PhoneNumber/?{query}")).json()

    assert [row["number"] for row in body["objects"]] == found


@pytest.mark.parametrize(
    "query",
    ["", "country_iso=USA", "country_iso=US&pattern=x", "country_iso=US&type=a"],
)
async def test_a_search_that_is_wrong_is_refused(api: Client, query: str) -> None:
    assert (await api.get(f"PhoneNumber/?{query}")).status_code == 400


async def test_a_number_is_rented_answered_and_given_back(
    server: Server, api: Client
) -> None:
    app_id = await make_application(api)

    rented = await api.post(f"PhoneNumber/{FIRST}/", json={"app_id": app_id})

    assert rented.status_code == 201
    assert rented.json() == {
        "api_id": rented.json()["api_id"],
        "message": "created",
        "numbers": [{"number": FIRST, "status": "Success"}],
        "status": "fulfilled",
    }
    entry = await server.bus.directory.number(FIRST)
    assert entry is not None
    assert entry.app_id == app_id
    shown = (await api.get(f"Number/{FIRST}/")).json()
    assert (shown["monthly_rental_rate"], shown["city"]) == ("0.80000", "San Francisco")
    given_back = await api.delete(f"Number/{FIRST}/")
    assert given_back.status_code == 204
    assert await server.bus.directory.number(FIRST) is None
    assert (await api.get(f"Number/{FIRST}/")).status_code == 404
    assert (await api.post(f"PhoneNumber/{FIRST}/")).status_code == 201


async def test_a_number_that_is_rented_or_unknown_is_not_found(
    server: Server, api: Client
) -> None:
    async with server.client(server.stranger) as stranger:
        await stranger.post(f"PhoneNumber/{FIRST}/")

    assert (await api.post(f"PhoneNumber/{FIRST}/")).status_code == 404
    assert (await api.post("PhoneNumber/999/")).status_code == 404
    assert (await api.delete(f"Number/{FIRST}/")).status_code == 404


async def test_a_rented_number_gets_the_default_application(
    server: Server, api: Client
) -> None:
    default = {"app_name": "a", "default_number_app": True}
    app_id = (await api.post("Application/", json=default)).json()["app_id"]

    await api.post(f"PhoneNumber/{FIRST}/")

    entry = await server.bus.directory.number(FIRST)
    assert entry is not None
    assert entry.app_id == app_id


@pytest.mark.parametrize(
    "numbers",
    ["33123456789,33123456788", "['33123456789', '+33123456788']", ["33123456789"]],
)
async def test_numbers_of_an_own_carrier_are_brought_along(
    server: Server, api: Client, numbers: object
) -> None:
    await own_trunk(server)

    answer = await api.post(
        "Number/", json={"numbers": numbers, "carrier": "own", "region": "Paris"}
    )

    assert (answer.status_code, answer.json()["message"]) == (202, "changed")
    shown = (await api.get("Number/33123456789/")).json()
    assert (shown["carrier"], shown["region"]) == ("own", "Paris")
    assert await server.bus.directory.number("33123456789") is not None


async def test_who_has_no_carrier_can_bring_nothing(api: Client) -> None:
    answer = await api.post("Number/", json={"numbers": "33123456789"})

    assert answer.status_code == 403
    assert (await api.get("Number/")).json()["objects"] == []


@pytest.mark.parametrize("numbers", ["", "x", [], "1" * 16])
async def test_what_is_no_number_cannot_be_brought(
    server: Server, api: Client, numbers: object
) -> None:
    await own_trunk(server)

    assert (await api.post("Number/", json={"numbers": numbers})).status_code == 400


async def test_what_a_number_costs_a_month_is_part_of_the_pricing(
    server: Server, api: Client
) -> None:
    async with server.db.transaction() as tx:
        await load_prices(tx, TABLE)

    body = (await api.get("Pricing/?country_iso=US")).json()

    assert body["phone_numbers"] == {
        "local": {"rate": "0.50000"},
        "tollfree": {"rate": "1.00000"},
    }


@pytest.mark.parametrize(
    "query",
    ["renewal_date__gt=2026-01-01", "tendlc_campaign_id=x", "services=sms"],
)
async def test_filters_of_what_our_numbers_have_not_find_none(
    api: Client, query: str
) -> None:
    await api.post(f"PhoneNumber/{FIRST}/")

    assert (await api.get(f"Number/?{query}")).json()["objects"] == []
