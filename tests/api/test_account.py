"""The account itself (plivo-rest 7.4)."""

import pytest

from tests.api.conftest import Client, Server

pytestmark = pytest.mark.redis


async def test_an_account_is_shown_with_every_field(
    server: Server, api: Client
) -> None:
    body = (await api.get("")).json()

    assert body == {
        "account_type": "standard",
        "address": "",
        "api_id": body["api_id"],
        "auth_id": server.main.auth_id,
        "auto_recharge": False,
        "billing_mode": "postpaid",
        "cash_credits": "0.00000",
        "city": "",
        "name": "main",
        "resource_uri": f"/v1/Account/{server.main.auth_id}/",
        "state": "",
        "timezone": "UTC",
    }


async def test_nulls_change_nothing(api: Client) -> None:
    await api.post("", json={"name": "new", "city": "Bonn", "address": "Am Rhein 1"})

    answer = await api.post("", json={"name": None, "city": "Köln", "address": None})

    assert (answer.status_code, answer.json()["message"]) == (202, "changed")
    body = (await api.get("")).json()
    assert (body["name"], body["city"]) == ("new", "Köln")
    assert body["address"] == "Am Rhein 1"


async def test_workers_are_told_of_the_time_zone(server: Server, api: Client) -> None:
    await api.post("", json={"timezone": "Europe/Berlin"})

    entry = await server.bus.directory.account(server.main.auth_id)

    assert entry is not None
    assert entry.timezone == "Europe/Berlin"


async def test_a_time_zone_that_nobody_knows_is_refused(api: Client) -> None:
    answer = await api.post("", json={"timezone": "Europe/Atlantis"})

    assert answer.status_code == 400
    assert "timezone parameter is invalid" in answer.json()["error"]
