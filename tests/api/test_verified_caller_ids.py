"""Verified caller ids as clients know them (plivo-rest 7.4)."""

import re
from typing import Any

import pytest

from tests.api.conftest import Client, Server
from voiceplat.calls.call import Call
from voiceplat.core.ids import CallUuid

pytestmark = pytest.mark.redis

NUMBER = "14155550177"
ORDER = {"phone_number": "+" + NUMBER, "alias": "desk", "country": "US"}


async def the_call(server: Server) -> Call:
    """That which is to speak the code."""
    [uuid] = await server.bus.live.list(server.main.auth_id, status="queued")
    live = await server.bus.live.get(CallUuid(uuid))
    assert live is not None
    return live.call


def code_of(call: Call) -> str:
    found = re.search(r"code is ([0-9, ]+)\.", call.document)
    assert found
    return found[1].replace(", ", "")


async def verified(server: Server, api: Client, **more: object) -> dict[str, Any]:
    begun = await api.post("VerifiedCallerId/", json=ORDER | more)
    assert begun.status_code == 202, begun.text
    uuid = begun.json()["verification_uuid"]
    otp = {"otp": code_of(await the_call(server))}
    finished = await api.post(f"VerifiedCallerId/Verification/{uuid}/", json=otp)
    assert finished.status_code == 201, finished.text
    body: dict[str, Any] = finished.json()
    return body


async def test_a_number_is_called_and_the_code_gives_the_caller_id(
    server: Server, api: Client
) -> None:
    body = await verified(server, api)

    call = await the_call(server)
    assert (call.to, call.account) == (NUMBER, server.main.auth_id)
    assert body == {
        "alias": "desk",
        "api_id": body["api_id"],
        "channel": "call",
        "country": "US",
        "created_at": body["created_at"],
        "modified_at": body["modified_at"],
        "phone_number": NUMBER,
        "subaccount": "",
        "verification_uuid": body["verification_uuid"],
    }
    shown = (await api.get(f"VerifiedCallerId/{NUMBER}/")).json()
    assert shown | {"api_id": body["api_id"]} == body
    [listed] = (await api.get("VerifiedCallerId/?country=US")).json()["objects"]
    assert listed == {name: value for name, value in body.items() if name != "api_id"}


async def test_the_code_is_nowhere_in_what_the_api_shows(
    server: Server, api: Client
) -> None:
    await api.post("VerifiedCallerId/", json=ORDER)
    call = await the_call(server)

    shown = (await api.get(f"Call/{call.uuid}/?status=queued")).text

    assert code_of(call) not in shown
    assert "document" not in shown


async def test_a_caller_id_is_renamed_given_away_and_forgotten(
    server: Server, api: Client
) -> None:
    await verified(server, api)
    path, sub = f"VerifiedCallerId/{NUMBER}/", server.sub.auth_id

    changed = await api.post(path, json={"alias": "home", "subaccount": sub})

    assert (changed.status_code, changed.json()["alias"]) == (202, "home")
    async with server.client(server.sub) as its:
        assert (await its.get(path)).json()["subaccount"] == sub
    deleted = await api.delete(path)
    assert deleted.status_code == 204
    assert (await api.get(path)).status_code == 404


@pytest.mark.parametrize(
    ("order", "error"),
    [
        ({}, "phone_number parameter is missing"),
        ({"phone_number": "alice"}, "phone_number parameter is invalid"),
        ({"phone_number": NUMBER, "channel": "sms"}, "channel parameter is invalid"),
        ({"phone_number": NUMBER, "country": "USA"}, "country parameter is invalid"),
        ({"phone_number": NUMBER, "subaccount": "SA" + "X" * 18}, "subaccount"),
    ],
)
async def test_an_order_that_is_wrong_calls_nobody(
    server: Server, api: Client, order: dict[str, str], error: str
) -> None:
    answer = await api.post("VerifiedCallerId/", json=order)

    assert answer.status_code == 400
    assert error in answer.json()["error"]
    assert await server.bus.queue.depth(server.main.auth_id) == 0


async def test_the_same_number_is_not_called_again_at_once(
    server: Server, api: Client
) -> None:
    await api.post("VerifiedCallerId/", json=ORDER)

    again = await api.post("VerifiedCallerId/", json=ORDER)

    assert again.status_code == 429
    assert 1 <= int(again.headers["Retry-After"]) <= 60
    assert await server.bus.queue.depth(server.main.auth_id) == 1


@pytest.mark.parametrize(
    ("otp", "status"), [("000000x", 400), ("", 400), ("1234567", 400)]
)
async def test_a_wrong_code_is_refused(
    server: Server, api: Client, otp: str, status: int
) -> None:
    begun = (await api.post("VerifiedCallerId/", json=ORDER)).json()

    answer = await api.post(
        f"VerifiedCallerId/Verification/{begun['verification_uuid']}/",
        json={"otp": otp},
    )

    assert answer.status_code == status
    assert (await api.get("VerifiedCallerId/")).json()["objects"] == []


async def test_a_verification_that_nobody_began_is_not_found(api: Client) -> None:
    answer = await api.post("VerifiedCallerId/Verification/x/", json={"otp": "123456"})

    assert answer.status_code == 404
