"""Any route answers later when callback_url is given (plivo-rest 1.7)."""

import json

import pytest

from tests.api.conftest import Client, Server
from tests.api.test_make_call import ORDER
from voiceplat.bus.events import Callback, Event
from voiceplat.calls.call import Hook

pytestmark = pytest.mark.redis

LATER = {"callback_url": "https://app.example/done"}


async def events(server: Server) -> list[Event]:
    return await server.bus.events.read("test")


async def told(server: Server) -> Callback:
    [event] = [one for one in await events(server) if one.kind == "callback"]
    return event.callback()


async def test_a_call_is_accepted_and_its_result_told_to_the_callback_url(
    server: Server, api: Client
) -> None:
    answer = await api.post("Call/", json=ORDER | LATER)

    assert answer.status_code == 202
    assert answer.json() == {
        "api_id": answer.json()["api_id"],
        "message": "async api spawned",
    }
    callback = await told(server)
    result = json.loads(callback.params["response"])
    assert callback.account == server.main.auth_id
    assert callback.hook == Hook(url="https://app.example/done")
    assert result["message"] == "call queued"
    assert result["api_id"] == answer.json()["api_id"]
    assert await server.bus.queue.depth(server.main.auth_id) == 1


async def test_a_list_is_told_with_the_method_that_was_asked_for(
    server: Server, api: Client
) -> None:
    answer = await api.get("Application/", params=LATER | {"callback_method": "GET"})

    assert answer.json()["message"] == "async api spawned"
    callback = await told(server)
    assert callback.hook.method == "GET"
    assert json.loads(callback.params["response"])["objects"] == []


async def test_a_request_that_fails_is_answered_directly(
    server: Server, api: Client
) -> None:
    answer = await api.post("Call/", json=LATER)

    assert answer.status_code == 400
    assert answer.json()["error"] == "from parameter is missing"
