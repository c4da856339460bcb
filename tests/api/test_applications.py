"""Applications as Plivo's clients know them (plivo-rest 7.1)."""

from typing import Any

import pytest

from tests.api.conftest import Client, Server
from voiceplat.calls.call import Hook
from voiceplat.core.ids import AppId
from voiceplat.db.models import Number
from voiceplat.db.repositories import NumberRepository

pytestmark = pytest.mark.redis


async def make(api: Client, **values: object) -> str:
    answer = await api.post("Application/", json={"app_name": "shop"} | values)
    assert answer.status_code == 201, answer.text
    app_id: str = answer.json()["app_id"]
    return app_id


async def shown(api: Client, app_id: str) -> dict[str, Any]:
    answer = await api.get(f"Application/{app_id}/")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


async def endpoint_with(api: Client, app_id: str) -> str:
    user = {"username": "alice", "password": "secret", "alias": "a", "app_id": app_id}
    answer = await api.post("Endpoint/", json=user)
    endpoint_id: str = answer.json()["endpoint_id"]
    return endpoint_id


async def test_an_application_is_created_and_shown_with_every_field(
    server: Server, api: Client
) -> None:
    answer = await api.post(
        "Application/",
        json={"app_name": "my_shop-1", "answer_url": "https://app.example/a"},
    )
    app_id = answer.json()["app_id"]

    assert answer.json() == {
        "api_id": answer.json()["api_id"],
        "app_id": app_id,
        "message": "created",
    }
    body = await shown(api, app_id)
    assert body == {
        "api_id": body["api_id"],
        "answer_method": "POST",
        "answer_url": "https://app.example/a",
        "app_id": app_id,
        "app_name": "my_shop-1",
        "application_type": "XML",
        "default_app": False,
        "default_endpoint_app": False,
        "enabled": True,
        "fallback_answer_url": "",
        "fallback_method": "POST",
        "hangup_method": "POST",
        "hangup_url": "https://app.example/a",
        "log_incoming_messages": True,
        "message_method": "POST",
        "message_url": "",
        "public_uri": False,
        "resource_uri": f"/v1/Account/{server.main.auth_id}/Application/{app_id}/",
        "sip_uri": f"sip:{app_id}@app.plivo.com",
        "sub_account": None,
    }
    assert app_id.isdecimal()
    assert len(app_id) in {17, 18}


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"app_name": None}, "app_name parameter is missing"),
        ({"app_name": "my shop"}, "app_name parameter is invalid"),
        ({"app_name": ""}, "app_name parameter is missing"),
        ({"answer_url": "nonsense"}, "answer_url parameter is invalid"),
        ({"hangup_method": "PUT"}, "hangup_method parameter is invalid"),
        ({"public_uri": "x"}, "public_uri parameter is invalid"),
        ({"subaccount": "SA"}, "subaccount parameter is invalid"),
        ({"subaccount": "SA" + "Z" * 18}, "subaccount parameter is invalid"),
    ],
)
async def test_what_no_application_may_have_is_refused(
    api: Client, values: dict[str, object], error: str
) -> None:
    answer = await api.post("Application/", json={"app_name": "shop"} | values)

    assert answer.status_code == 400
    assert error in answer.json()["error"]


async def test_a_change_changes_only_what_is_given(api: Client) -> None:
    app_id = await make(api, answer_url="https://app.example/a", answer_method="GET")

    answer = await api.post(
        f"Application/{app_id}/",
        json={"fallback_answer_url": "https://app.example/f", "app_name": "ignored"},
    )

    assert (answer.status_code, answer.json()["message"]) == (202, "changed")
    body = await shown(api, app_id)
    assert body["fallback_answer_url"] == "https://app.example/f"
    assert (body["answer_url"], body["answer_method"]) == (
        "https://app.example/a",
        "GET",
    )
    assert body["app_name"] == "shop"


async def test_workers_are_told_of_each_change(server: Server, api: Client) -> None:
    directory = server.bus.directory
    app_id = AppId(await make(api, answer_url="https://app.example/a"))

    made = await directory.app(app_id)
    await api.post(
        f"Application/{app_id}/",
        json={"hangup_url": "https://app.example/h", "hangup_method": "GET"},
    )
    changed = await directory.app(app_id)
    await api.delete(f"Application/{app_id}/")

    assert made is not None
    assert made.answer == made.hangup == Hook(url="https://app.example/a")
    assert changed is not None
    assert changed.hangup == Hook(url="https://app.example/h", method="GET")
    assert changed.fallback is None
    assert await directory.app(app_id) is None


async def test_a_main_account_gives_an_application_to_a_subaccount(
    server: Server, api: Client
) -> None:
    sub = server.sub.auth_id
    app_id = await make(api, subaccount=sub)
    await make(api)

    body = await shown(api, app_id)
    listed = (await api.get(f"Application/?subaccount={sub}")).json()
    async with server.client(server.sub) as client:
        theirs = (await client.get("Application/")).json()

    assert body["sub_account"] == f"/v1/Account/{sub}/"
    assert [row["app_id"] for row in listed["objects"]] == [app_id]
    assert [row["app_id"] for row in theirs["objects"]] == [app_id]
    await api.post(f"Application/{await make(api)}/", json={"subaccount": sub})
    assert (await api.get(f"Application/?subaccount={sub}")).json()["meta"][
        "total_count"
    ] == 2


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_nobody_reaches_the_application_of_a_stranger(
    server: Server, api: Client, method: str
) -> None:
    app_id = await make(api)

    async with server.client(server.stranger) as other:
        answer = await other.request(method, f"Application/{app_id}/")

    assert (answer.status_code, answer.json()["error"]) == (404, "not found")


@pytest.mark.parametrize(
    ("removal", "left", "app"),
    [
        ({}, False, None),
        ({"cascade": True}, False, None),
        ({"cascade": "false"}, True, None),
        ({"new_endpoint_application": "successor"}, True, "successor"),
    ],
    ids=["by default", "cascade", "no cascade", "successor"],
)
async def test_endpoints_go_with_their_application_unless_told_otherwise(
    api: Client, *, removal: dict[str, object], left: bool, app: str | None
) -> None:
    app_id, successor = await make(api), await make(api)
    endpoint_id = await endpoint_with(api, app_id)
    if app:
        removal = {"new_endpoint_application": successor}

    await api.request("DELETE", f"Application/{app_id}/", json=removal)
    endpoint = await api.get(f"Endpoint/{endpoint_id}/")

    assert endpoint.status_code == (200 if left else 404)
    if left:
        uri = endpoint.json()["application"]
        assert (uri or "").endswith(f"{successor}/" if app else "")


async def test_a_successor_that_is_not_there_stops_the_deletion(api: Client) -> None:
    app_id = await make(api)

    answer = await api.request(
        "DELETE", f"Application/{app_id}/", json={"new_endpoint_application": "1"}
    )

    assert answer.status_code == 404
    assert answer.json()["error"] == "Application 1 not found."
    assert (await shown(api, app_id))["app_id"] == app_id


async def test_an_application_cannot_be_its_own_successor(api: Client) -> None:
    app_id = await make(api)
    endpoint_id = await endpoint_with(api, app_id)

    answer = await api.request(
        "DELETE", f"Application/{app_id}/", json={"new_endpoint_application": app_id}
    )

    assert answer.status_code == 400
    endpoint = await api.get(f"Endpoint/{endpoint_id}/")
    assert endpoint.json()["application"].endswith(f"{app_id}/")


async def test_numbers_lose_an_application_that_goes(
    server: Server, api: Client
) -> None:
    app_id = await make(api)
    async with server.db.transaction() as tx:
        number = Number(number="14155550100", account_id=server.main.auth_id)
        await NumberRepository(tx).add(number)
    await api.post("Number/14155550100/", json={"app_id": app_id})

    await api.delete(f"Application/{app_id}/")

    assert (await api.get("Number/14155550100/")).json()["application"] is None
    entry = await server.bus.directory.number("14155550100")
    assert entry is not None
    assert entry.app_id is None


async def test_only_one_application_is_the_default(api: Client) -> None:
    first = await make(api, default_number_app=True, default_endpoint_app="true")
    second = await make(api, default_number_app=True)

    assert (await shown(api, first))["default_app"] is False
    assert (await shown(api, first))["default_endpoint_app"] is True
    assert (await shown(api, second))["default_app"] is True


async def test_a_new_endpoint_gets_the_default_application(api: Client) -> None:
    app_id = await make(api, default_endpoint_app=True)
    user = {"username": "alice", "password": "secret", "alias": "a"}

    made = (await api.post("Endpoint/", json=user)).json()

    endpoint = (await api.get(f"Endpoint/{made['endpoint_id']}/")).json()
    assert endpoint["application"].endswith(f"/Application/{app_id}/")
