"""Numbers as Plivo's clients know them (plivo-rest 7.3)."""

import pytest

from tests.api.conftest import Client, Server
from voiceplat.core.ids import AuthId
from voiceplat.db.models import Number
from voiceplat.db.repositories import NumberRepository

pytestmark = pytest.mark.redis


@pytest.fixture
async def numbers(server: Server) -> None:
    rows = [
        Number(number="14155550100", account_id=server.main.auth_id, alias="office"),
        Number(number="4930123456", account_id=server.sub.auth_id, country="Germany"),
        Number(number="442071234567", account_id=server.stranger.auth_id),
    ]
    async with server.db.transaction() as tx:
        for row in rows:
            await NumberRepository(tx).add(row)


@pytest.mark.usefixtures("numbers")
async def test_a_number_is_shown_with_every_field(server: Server, api: Client) -> None:
    body = (await api.get("Number/14155550100/")).json()
    [listed] = (await api.get("Number/?alias=office")).json()["objects"]

    assert listed | {"api_id": body["api_id"]} == body
    assert listed == {
        "active": True,
        "added_on": listed["added_on"],
        "alias": "office",
        "application": None,
        "carrier": "",
        "city": "",
        "cnam_lookup": "disabled",
        "compliance_application_id": None,
        "compliance_status": None,
        "country": "",
        "mms_enabled": False,
        "mms_rate": "0.00000",
        "monthly_rental_rate": "0.00000",
        "number": "14155550100",
        "number_type": "local",
        "region": "",
        "renewal_date": None,
        "resource_uri": f"/v1/Account/{server.main.auth_id}/Number/14155550100/",
        "sms_enabled": False,
        "sms_rate": "0.00000",
        "sub_account": None,
        "tendlc_campaign_id": None,
        "tendlc_registration_status": None,
        "toll_free_sms_verification": None,
        "voice_enabled": True,
        "voice_rate": "0.00000",
    }


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize("text", ["14155550100", "+14155550100", "%2B14155550100"])
async def test_a_plus_makes_no_difference(api: Client, text: str) -> None:
    assert (await api.get(f"Number/{text}/")).json()["number"] == "14155550100"


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["14155550100", "4930123456"]),
        ("number_startswith=49", ["4930123456"]),
        ("number_startswith=%2B49", ["4930123456"]),
        ("type=local", ["14155550100", "4930123456"]),
        ("type=any", ["14155550100", "4930123456"]),
        ("type=tollfree", []),
        ("alias=office", ["14155550100"]),
        ("services=voice", ["14155550100", "4930123456"]),
        ("services=voice,sms", []),
        ("limit=1&offset=1", ["4930123456"]),
    ],
)
async def test_numbers_are_found_by_their_filters(
    api: Client, query: str, found: list[str]
) -> None:
    body = (await api.get(f"Number/?{query}")).json()

    assert [row["number"] for row in body["objects"]] == found


@pytest.mark.usefixtures("numbers")
async def test_a_subaccounts_numbers_are_its_main_accounts_too(
    server: Server, api: Client
) -> None:
    body = (await api.get(f"Number/?subaccount={server.sub.auth_id}")).json()

    [row] = body["objects"]
    assert row["number"] == "4930123456"
    assert row["sub_account"] == f"/v1/Account/{server.sub.auth_id}/"


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("number", ["442071234567", "999", "nonsense"])
async def test_a_number_that_is_not_ours_is_not_found(
    api: Client, method: str, number: str
) -> None:
    assert (await api.request(method, f"Number/{number}/")).status_code == 404


@pytest.mark.usefixtures("numbers")
@pytest.mark.parametrize("nothing", ["", "null"])
async def test_an_application_is_linked_and_unlinked(
    server: Server, api: Client, nothing: str
) -> None:
    app = await api.post("Application/", json={"app_name": "a"})
    app_id = app.json()["app_id"]

    linked = await api.post(
        "Number/14155550100/", json={"app_id": app_id, "number": "x"}
    )
    shown = (await api.get("Number/14155550100/")).json()
    entry = await server.bus.directory.number("14155550100")
    await api.post("Number/14155550100/", json={"app_id": None, "alias": "desk"})
    kept = await server.bus.directory.number("14155550100")
    await api.post("Number/14155550100/", json={"app_id": nothing})
    unlinked = await server.bus.directory.number("14155550100")

    assert (linked.status_code, linked.json()["message"]) == (202, "changed")
    assert shown["application"].endswith(f"/Application/{app_id}/")
    assert entry is not None
    assert entry.app_id == app_id
    assert kept == entry
    assert unlinked is not None
    assert unlinked.app_id is None


@pytest.mark.usefixtures("numbers")
async def test_a_number_moves_to_a_subaccount_and_back(
    server: Server, api: Client
) -> None:
    async def owner() -> AuthId:
        entry = await server.bus.directory.number("14155550100")
        assert entry is not None
        return entry.account

    await api.post("Number/14155550100/", json={"subaccount": server.sub.auth_id})
    moved = await owner()
    await api.post("Number/14155550100/", json={"subaccount": ""})

    assert moved == server.sub.auth_id
    assert await owner() == server.main.auth_id


@pytest.mark.usefixtures("numbers")
async def test_an_unknown_application_changes_nothing(api: Client) -> None:
    answer = await api.post("Number/14155550100/", json={"app_id": "1", "alias": "x"})

    assert answer.status_code == 404
    assert (await api.get("Number/14155550100/")).json()["alias"] == "office"
