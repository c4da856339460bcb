"""The checklist of plivo-rest 11, where it is about every route at once."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.conftest import Client, Server
from tests.api.test_make_call import ORDER
from voiceplat.api.app import create_app
from voiceplat.core.settings import ApiSettings, RedisSettings, Settings

pytestmark = pytest.mark.redis

ACCOUNT = "/v1/Account/{auth_id}/"
SDK_PATIENCE_MS = 5000


def routes() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in create_app(Settings()).openapi()["paths"].items():
        if path.startswith(ACCOUNT):
            for method, operation in methods.items():
                yield method.upper(), path.removeprefix(ACCOUNT), operation


LISTS = [
    path for method, path, _ in routes() if method == "GET" and path.count("/") == 1
]
NEEDED = {"Pricing/": "?country_iso=US", "PhoneNumber/": "?country_iso=US"}
NO_LISTS = {"Pricing/", "Conference/"}


@pytest.mark.checklist(3)
@pytest.mark.parametrize("path", sorted(set(LISTS) - NO_LISTS))
async def test_every_list_has_meta_and_objects_and_so_have_its_errors(
    api: Client, path: str
) -> None:
    query = NEEDED.get(path, "")

    found = (await api.get(path + query)).json()
    refused = (await api.get(path, params={"limit": "x"})).json()

    assert found.keys() >= {"api_id", "meta", "objects"}
    assert refused.keys() >= {"api_id", "error", "objects"}
    assert refused["objects"] == []


@pytest.mark.checklist(4)
def test_every_route_answers_with_the_status_of_what_it_does() -> None:
    made = {
        "Application/",
        "Call/",
        "Endpoint/",
        "Subaccount/",
        "PhoneNumber/{number}/",
    }
    for method, path, operation in routes():
        said = {int(code) for code in operation["responses"] if int(code) < 300}
        match method:
            case "GET":
                assert 200 in said, path
            case "DELETE" if path == "Transcription/{recording_id}/":
                assert 202 in said, path  # plivo-rest 3.4
            case "DELETE":
                assert 204 in said, path
            case "POST" if path in made:
                assert 201 in said, path
            case _:
                assert said & {200, 201, 202}, path


@pytest.mark.checklist(2)
@pytest.mark.parametrize("ending", ["", "/", "//"])
async def test_no_route_redirects(api: Client, ending: str) -> None:
    for path in LISTS:
        answer = await api.get(path.removesuffix("/") + ending + NEEDED.get(path, ""))

        assert answer.status_code in {200, 404}, path
        assert "location" not in answer.headers


@pytest.mark.checklist(1)
@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"name": "a", "enabled": True}},
        {"json": {"name": ["a"], "enabled": "true", "unknown": 1, "auth_id": "x"}},
        {"data": {"name": "a", "enabled": "true"}},
        {"files": {"name": (None, "a"), "enabled": (None, "true")}},
        {"params": {"name": "a", "enabled": "true"}},
        {"json": {"name": "a", "enabled": True, "cascade": None}},
    ],
    ids=["json", "lists and strangers", "form", "multipart", "query", "null"],
)
async def test_a_subaccount_is_made_however_it_is_asked_for(
    api: Client, sent: dict[str, Any]
) -> None:
    made = await api.post("Subaccount/", **sent)

    assert made.status_code == 201, made.text
    shown = (await api.get(f"Subaccount/{made.json()['auth_id']}/")).json()
    assert (shown["name"], shown["enabled"]) == ("a", True)


@pytest.mark.checklist(5)
def test_nothing_that_a_request_waits_for_outlasts_the_sdks_patience() -> None:
    api, redis = ApiSettings(), RedisSettings()

    assert api.command_timeout_ms < SDK_PATIENCE_MS
    assert redis.connect_timeout_ms + redis.command_timeout_ms < SDK_PATIENCE_MS


@pytest.mark.checklist(6)
async def test_one_destination_gives_a_uuid_and_several_give_a_list(
    server: Server, api: Client
) -> None:
    one = (await api.post("Call/", json=ORDER)).json()["request_uuid"]
    several = ORDER | {"to": "14155550101<14155550102"}
    two = (await api.post("Call/", json=several)).json()["request_uuid"]

    queued = (await api.get("Call/?status=queued")).json()["calls"]
    assert sorted(queued) == sorted([one, *two])
