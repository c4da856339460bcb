"""Subaccounts: made, shown, changed, deleted, and kept apart (plivo-rest 7.4)."""

import re
from typing import Any

import pytest

from tests.api.conftest import Client, Server
from tests.api.test_make_call import ORDER
from voiceplat.core.ids import AuthId
from voiceplat.services.add_number import add_number
from voiceplat.services.open_account import Credentials

pytestmark = pytest.mark.redis

USER = {"username": "alice", "password": "s3cret", "alias": "a"}


async def make(api: Client, **fields: object) -> Credentials:
    answer = await api.post("Subaccount/", json={"name": "shop", **fields})
    assert answer.status_code == 201, answer.text
    body = answer.json()
    return Credentials(AuthId(body["auth_id"]), body["auth_token"])


async def furnish(server: Server, sub: Credentials) -> dict[str, Any]:
    """An application that is its default, an endpoint and a number of its own."""
    async with server.client(sub) as its:
        default = {"default_number_app": True, "default_endpoint_app": True}
        app = await its.post("Application/", json={"app_name": "a"} | default)
        user = await its.post("Endpoint/", json=USER)
    async with server.db.transaction() as tx:
        await add_number(tx, "14155550100", sub.auth_id, None)
    return {"app": app.json()["app_id"], "user": user.json()}


async def test_a_subaccount_is_made_disabled_and_shown_with_every_field(
    server: Server, api: Client
) -> None:
    answer = await api.post("Subaccount/", json={"name": "shop"})

    made = answer.json()
    assert answer.status_code == 201
    assert re.fullmatch(r"SA[A-Z0-9]{18}", made["auth_id"])
    assert made["message"] == "created"
    shown = (await api.get(f"Subaccount/{made['auth_id']}/")).json()
    main = f"/v1/Account/{server.main.auth_id}/"
    assert shown == {
        "account": main,
        "api_id": shown["api_id"],
        "auth_id": made["auth_id"],
        "auth_token": made["auth_token"],
        "created": shown["created"],
        "enabled": False,
        "modified": shown["modified"],
        "name": "shop",
        "new_auth_token": made["auth_token"],
        "resource_uri": f"{main}Subaccount/{made['auth_id']}/",
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", shown["created"])


async def test_a_disabled_subaccount_does_nothing_until_it_is_enabled(
    server: Server, api: Client
) -> None:
    sub = await make(api)

    async with server.client(sub) as its:
        before = await its.get("")
        changed = await api.post(
            f"Subaccount/{sub.auth_id}/", json={"name": "new", "enabled": "true"}
        )
        after = await its.get("")

    assert (before.status_code, changed.status_code) == (401, 202)
    assert after.json()["name"] == "new"
    entry = await server.bus.directory.account(sub.auth_id)
    assert entry is not None
    assert entry.enabled


async def test_subaccounts_are_listed_latest_first(server: Server, api: Client) -> None:
    names = ["a", "b", "c"]
    for name in names:
        await make(api, name=name)

    page = (await api.get("Subaccount/?limit=2")).json()

    assert [row["name"] for row in page["objects"]] == ["c", "b"]
    assert page["meta"]["total_count"] == 4
    assert page["meta"]["next"].endswith("/Subaccount/?limit=2&offset=2")


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "a", "enabled": "maybe"}])
async def test_an_order_that_is_wrong_is_refused(
    api: Client, body: dict[str, str]
) -> None:
    assert (await api.post("Subaccount/", json=body)).status_code == 400


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_others_subaccounts_and_main_accounts_are_not_found(
    server: Server, api: Client, method: str
) -> None:
    async with server.client(server.stranger) as stranger:
        others = await stranger.request(method, f"Subaccount/{server.sub.auth_id}/")
    itself = await api.request(method, f"Subaccount/{server.main.auth_id}/")

    assert (others.status_code, itself.status_code) == (404, 404)


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_subaccount_has_no_subaccounts(server: Server, method: str) -> None:
    async with server.client(server.sub) as sub:
        answer = await sub.request(method, "Subaccount/", params={"name": "a"})

    assert answer.status_code == 403
    assert answer.json()["error"] == "a subaccount has no subaccounts"


async def test_with_cascade_everything_of_it_goes(server: Server, api: Client) -> None:
    sub = await make(api, enabled=True)
    has = await furnish(server, sub)

    answer = await api.request(
        "DELETE", f"Subaccount/{sub.auth_id}/", json={"cascade": "true"}
    )

    assert answer.status_code == 204
    for path in (
        f"Application/{has['app']}/",
        f"Endpoint/{has['user']['endpoint_id']}/",
        "Number/14155550100/",
        f"Subaccount/{sub.auth_id}/",
    ):
        assert (await api.get(path)).status_code == 404, path
    directory = server.bus.directory
    assert await directory.account(sub.auth_id) is None
    assert await directory.app(has["app"]) is None
    assert await directory.user(has["user"]["username"]) is None
    assert await directory.number("14155550100") is None


async def test_without_cascade_everything_becomes_the_main_accounts(
    server: Server, api: Client
) -> None:
    sub = await make(api, enabled=True)
    has = await furnish(server, sub)

    await api.delete(f"Subaccount/{sub.auth_id}/")

    app = (await api.get(f"Application/{has['app']}/")).json()
    assert (app["sub_account"], app["default_app"]) == (None, False)
    number = (await api.get("Number/14155550100/")).json()
    assert number["application"].endswith(f"/Application/{has['app']}/")
    user = await server.bus.directory.user(has["user"]["username"])
    entry = await server.bus.directory.app(has["app"])
    assert user is not None
    assert entry is not None
    assert user.account == entry.account == server.main.auth_id


async def test_its_calls_end_with_it(server: Server, api: Client) -> None:
    sub = await make(api, enabled=True)
    async with server.client(sub) as its:
        uuid = (await its.post("Call/", json=ORDER)).json()["request_uuid"]

    await api.delete(f"Subaccount/{sub.auth_id}/")

    assert await server.bus.live.get(uuid) is None
    assert (await api.get("Call/?status=queued")).json()["calls"] == []


async def test_a_subaccount_sees_its_own_alone_and_its_main_account_sees_all(
    server: Server, api: Client
) -> None:
    sub = await make(api, enabled=True)
    await furnish(server, sub)
    await api.post("Application/", json={"app_name": "b"})
    await api.post("Endpoint/", json=USER)
    await api.post("Call/", json=ORDER)
    async with server.client(sub) as its:
        await its.post("Call/", json=ORDER)

        for path, seen in (("Application/", 1), ("Endpoint/", 1), ("Number/", 1)):
            its_own = (await its.get(path)).json()["objects"]
            everything = (await api.get(path)).json()["objects"]
            assert len(its_own) == seen, path
            assert len(everything) >= seen, path
            assert {row["resource_uri"].split("/")[3] for row in its_own} == {
                sub.auth_id
            }
        its_calls = (await its.get("Call/?status=queued")).json()["calls"]
        all_calls = (await api.get("Call/?status=queued")).json()["calls"]

    assert (len(its_calls), len(all_calls)) == (1, 2)
