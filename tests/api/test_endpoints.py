"""Endpoints as Plivo's clients know them (plivo-rest 7.2)."""

import hashlib
import re
from typing import Any

import pytest

from tests.api.conftest import Client, Server
from tests.servers.redis import RedisServer
from voiceplat.bus import keys

pytestmark = pytest.mark.redis

USER = {"username": "alice", "password": "s3cret!", "alias": "Alice"}


async def make(api: Client, **values: object) -> dict[str, Any]:
    answer = await api.post("Endpoint/", json=USER | values)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def ha1(username: str, password: str) -> str:
    secret = f"{username}:voiceplat.local:{password}".encode()
    return hashlib.md5(secret).hexdigest()  # noqa: S324 - what digest wants


async def test_a_username_gets_twelve_digits(api: Client) -> None:
    made = await make(api)

    assert made["message"] == "created"
    assert made["alias"] == "Alice"
    assert re.fullmatch(r"alice\d{12}", made["username"])
    assert re.fullmatch(r"\d{14}", made["endpoint_id"])
    assert made["username"] != (await make(api))["username"]


async def test_an_endpoint_without_a_phone_is_shown_unregistered(
    server: Server, api: Client
) -> None:
    made = await make(api)

    body = (await api.get(f"Endpoint/{made['endpoint_id']}/?endpoint_id=x")).json()
    [listed] = (await api.get("Endpoint/")).json()["objects"]

    account = f"/v1/Account/{server.main.auth_id}"
    assert listed | {"api_id": body["api_id"]} == body
    assert listed == {
        "alias": "Alice",
        "application": None,
        "endpoint_id": made["endpoint_id"],
        "resource_uri": f"{account}/Endpoint/{made['endpoint_id']}/",
        "sip_contact": None,
        "sip_expires": None,
        "sip_registered": "false",
        "sip_uri": f"sip:{made['username']}@phone.plivo.com",
        "sip_user_agent": None,
        "sub_account": None,
        "username": made["username"],
    }


async def test_a_registered_phone_is_shown_with_its_contact(
    redis: RedisServer, api: Client
) -> None:
    made = await make(api)
    seen = {
        "contact": "sip:alice@192.0.2.9:5062",
        "user_agent": "Desk 1.0",
        "expires_at": "1767225600",
    }
    with redis.client() as client:
        client.hset(keys.registration(made["username"]), mapping=seen)

    body = (await api.get(f"Endpoint/{made['endpoint_id']}/")).json()

    assert body["sip_registered"] == "true"
    assert body["sip_contact"] == "sip:alice@192.0.2.9:5062"
    assert body["sip_user_agent"] == "Desk 1.0"
    assert body["sip_expires"] == "2026-01-01 00:00:00"


async def test_the_password_is_kept_as_a_hash_only(server: Server, api: Client) -> None:
    made = await make(api)

    body = await api.get(f"Endpoint/{made['endpoint_id']}/")
    user = await server.bus.directory.user(made["username"])

    assert user is not None
    assert user.ha1 == ha1(made["username"], "s3cret!")
    assert user.account == server.main.auth_id
    assert "s3cret!" not in body.text
    assert user.ha1 not in body.text


async def test_a_change_changes_only_what_is_given(server: Server, api: Client) -> None:
    app = await api.post("Application/", json={"app_name": "a"})
    app_id = app.json()["app_id"]
    made = await make(api, app_id=app_id)
    path = f"Endpoint/{made['endpoint_id']}/"

    renamed = await api.post(path, json={"alias": "Bob"})
    after_rename = await server.bus.directory.user(made["username"])
    await api.post(path, json={"password": "changed"})
    after_password = await server.bus.directory.user(made["username"])

    assert (renamed.status_code, renamed.json()["message"]) == (202, "changed")
    body = (await api.get(path)).json()
    assert body["alias"] == "Bob"
    assert body["application"].endswith(f"/Application/{app_id}/")
    assert after_rename is not None
    assert after_rename.ha1 == ha1(made["username"], "s3cret!")
    assert after_password is not None
    assert after_password.ha1 == ha1(made["username"], "changed")
    assert after_password.app_id == app_id


async def test_an_empty_application_unlinks_it(server: Server, api: Client) -> None:
    app = await api.post("Application/", json={"app_name": "a"})
    made = await make(api, app_id=app.json()["app_id"])

    await api.post(f"Endpoint/{made['endpoint_id']}/", json={"app_id": ""})

    user = await server.bus.directory.user(made["username"])
    assert user is not None
    assert user.app_id is None


async def test_a_deleted_endpoint_is_gone_for_phones_too(
    server: Server, api: Client
) -> None:
    made = await make(api)
    path = f"Endpoint/{made['endpoint_id']}/"

    deleted = await api.request("DELETE", path, json={"endpoint_id": "x"})

    assert deleted.status_code == 204
    assert (await api.get(path)).status_code == 404
    assert await server.bus.directory.user(made["username"]) is None


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"username": None}, "username parameter is missing"),
        ({"username": "1alice"}, "username parameter is invalid"),
        ({"username": "al ice"}, "username parameter is invalid"),
        ({"username": "al@ice"}, "username parameter is invalid"),
        ({"username": "älice"}, "username parameter is invalid"),
        ({"username": ""}, "username parameter is missing"),
        ({"password": "1234"}, "password parameter is invalid"),
        ({"password": None}, "password parameter is missing"),
        ({"alias": None}, "alias parameter is missing"),
    ],
)
async def test_what_no_endpoint_may_have_is_refused(
    api: Client, values: dict[str, object], error: str
) -> None:
    answer = await api.post("Endpoint/", json=USER | values)

    assert answer.status_code == 400
    assert error in answer.json()["error"]


async def test_an_application_that_is_not_ours_is_not_found(
    server: Server, api: Client
) -> None:
    async with server.client(server.stranger) as other:
        theirs = await other.post("Application/", json={"app_name": "a"})
    app_id = theirs.json()["app_id"]

    answer = await api.post("Endpoint/", json=USER | {"app_id": app_id})

    assert answer.status_code == 404
    assert answer.json()["error"] == f"Application {app_id} not found."
    assert (await api.get("Endpoint/")).json()["objects"] == []


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_nobody_reaches_the_endpoint_of_a_stranger(
    server: Server, api: Client, method: str
) -> None:
    made = await make(api)

    async with server.client(server.stranger) as other:
        answer = await other.request(method, f"Endpoint/{made['endpoint_id']}/")

    assert answer.status_code == 404


async def test_a_subaccounts_endpoint_names_it(server: Server, api: Client) -> None:
    async with server.client(server.sub) as sub:
        made = await make(sub)

    body = (await api.get(f"Endpoint/{made['endpoint_id']}/")).json()

    assert body["sub_account"] == f"/v1/Account/{server.sub.auth_id}/"
