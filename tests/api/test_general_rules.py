"""What holds for every route: ids, slashes, envelopes, errors (plivo-rest 1)."""

import json
import re
from uuid import UUID

import httpx
import pytest
import structlog.testing

from tests.api.conftest import Client, Server
from tests.api.test_make_call import ORDER
from voiceplat.services.add_number import add_number

pytestmark = pytest.mark.redis


@pytest.mark.checklist(3)
@pytest.mark.parametrize(
    "path", ["", "Call/", "Application/", "Endpoint/", "Number/", "Nowhere/"]
)
async def test_every_answer_has_an_api_id_of_its_own(api: Client, path: str) -> None:
    first, second = await api.get(path), await api.get(path)

    ids = [UUID(answer.json()["api_id"]) for answer in (first, second)]
    assert ids[0] != ids[1]


@pytest.mark.checklist(2)
@pytest.mark.parametrize("ending", ["", "/", "//"])
@pytest.mark.parametrize("path", ["Call", "Application", "Endpoint", "Number"])
async def test_no_one_or_two_trailing_slashes_are_the_same(
    api: Client, path: str, ending: str
) -> None:
    answer = await api.get(path + ending)

    assert answer.status_code == 200
    assert answer.json()["objects"] == []


@pytest.mark.parametrize("ending", ["", "/", "//"])
async def test_the_account_itself_may_end_in_no_one_or_two_slashes(
    server: Server, api: Client, ending: str
) -> None:
    url = f"http://api/v1/Account/{server.main.auth_id}{ending}"

    assert (await api.get(url)).json()["auth_id"] == server.main.auth_id
    assert (await api.post(url, json={"city": "Bonn"})).status_code == 202


@pytest.mark.checklist(2)
async def test_a_post_without_a_slash_is_carried_out_not_redirected(
    api: Client,
) -> None:
    answer = await api.post("Application", json={"app_name": "a"})

    assert answer.status_code == 201


async def test_three_trailing_slashes_are_no_resource(api: Client) -> None:
    assert (await api.get("Call///")).status_code == 404


async def test_errors_say_what_is_wrong(api: Client) -> None:
    answer = await api.post("Call/", json={})

    assert answer.status_code == 400
    assert answer.json()["error"] == "from parameter is missing"
    assert "objects" not in answer.json()


@pytest.mark.checklist(3)
@pytest.mark.parametrize(
    ("path", "status"),
    [("Call/?limit=21", 400), ("Nowhere/", 404), ("Application/?limit=x", 400)],
)
async def test_errors_of_list_routes_have_objects(
    api: Client, path: str, status: int
) -> None:
    answer = await api.get(path)

    assert answer.status_code == status
    assert answer.json()["objects"] == []


async def test_an_unknown_user_of_a_list_route_gets_objects_too(
    server: Server,
) -> None:
    url = f"http://api/v1/Account/{server.main.auth_id}/Call/"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(server.app)) as nobody:
        answer = await nobody.get(url)

    assert answer.status_code == 401
    assert answer.json()["objects"] == []


async def test_a_method_that_a_path_does_not_have_is_405(api: Client) -> None:
    answer = await api.put("Application/1/", json={})

    assert answer.status_code == 405
    assert answer.json()["error"] == "method not allowed"


@pytest.mark.checklist(4)
async def test_deletes_answer_204_without_a_body(api: Client) -> None:
    made = await api.post("Application/", json={"app_name": "a"})

    answer = await api.delete(f"Application/{made.json()['app_id']}/")

    assert (answer.status_code, answer.content) == (204, b"")


async def test_pages_name_the_next_and_previous_one_with_their_filters(
    server: Server, api: Client
) -> None:
    for name in ("a1", "a2", "a3", "b"):
        await api.post("Application/", json={"app_name": name})

    first = (await api.get("Application/?app_name=a&limit=2")).json()
    second = (await api.get(f"http://api{first['meta']['next']}")).json()

    path = f"/v1/Account/{server.main.auth_id}/Application/"
    assert first["meta"] == {
        "limit": 2,
        "offset": 0,
        "total_count": 3,
        "next": f"{path}?limit=2&offset=2&app_name=a",
        "previous": None,
    }
    assert second["meta"]["next"] is None
    assert second["meta"]["previous"] == f"{path}?limit=2&offset=0&app_name=a"
    names = {row["app_name"] for row in first["objects"] + second["objects"]}
    assert names == {"a1", "a2", "a3"}


@pytest.mark.parametrize("limit", ["0", "21", "-1", "x", "99999999999999999999"])
async def test_a_limit_out_of_range_is_refused(api: Client, limit: str) -> None:
    assert (await api.get(f"Application/?limit={limit}")).status_code == 400


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("Call/", "limit offset status subaccount call_direction end_time__gt"),
        ("Call/", "bill_duration hangup_cause_code hangup_source parent_call_uuid"),
        ("Application/", "limit subaccount app_name"),
        ("Number/", "type services alias cnam_lookup subaccount"),
    ],
)
async def test_an_empty_filter_filters_nothing(
    server: Server, api: Client, path: str, names: str
) -> None:
    await api.post("Application/", json={"app_name": "a"})
    async with server.db.transaction() as tx:
        await add_number(tx, "+14155550100", server.main.auth_id, None)

    empty = await api.get(path, params=dict.fromkeys(names.split(), ""))
    plain = await api.get(path)

    assert empty.status_code == 200
    assert empty.json()["objects"] == plain.json()["objects"]


@pytest.mark.parametrize(
    "name",
    [
        "answer_method",
        "send_on_preanswer",
        "time_limit",
        "hangup_on_ring",
        "machine_detection",
        "machine_detection_time",
        "ring_timeout",
        "error_if_parent_not_found",
        "callback_method",
    ],
)
async def test_an_empty_field_of_a_form_is_not_given(api: Client, name: str) -> None:
    answer = await api.post("Call/", data=ORDER | {name: ""})

    assert answer.status_code == 201


async def test_what_nobody_foresaw_is_a_500_with_an_api_id(
    server: Server, api: Client
) -> None:
    server.app.state.platform = None

    with structlog.testing.capture_logs() as logs:
        answer = await api.get("Call/")

    assert answer.status_code == 500
    assert answer.json()["error"] == "internal error"
    assert UUID(answer.json()["api_id"]).version == 4
    assert "request_failed" in {line["event"] for line in logs}


@pytest.mark.parametrize(
    "path", ["Application/%00/", "Endpoint/%00/", "Call/%00/", "Number/%00/"]
)
async def test_ids_that_no_database_can_hold_are_not_found(
    api: Client, path: str
) -> None:
    assert (await api.get(path)).status_code == 404


async def test_the_process_says_that_it_lives_and_that_it_is_ready(
    api: Client,
) -> None:
    assert (await api.get("http://api/healthz")).json()["status"] == "ok"
    assert (await api.get("http://api/readyz")).json()["status"] == "ready"


async def test_the_interface_describes_its_parameters(api: Client) -> None:
    paths = (await api.get("http://api/openapi.json")).json()["paths"]

    order = paths["/v1/Account/{auth_id}/Call/"]["post"]["requestBody"]
    properties = order["content"]["application/json"]["schema"]["properties"]
    assert {"from", "to", "answer_url", "machine_detection"} <= properties.keys()
    filters = paths["/v1/Account/{auth_id}/Call/"]["get"]["parameters"]
    assert "end_time__gte" in {one["name"] for one in filters}


async def test_the_interface_is_described_on_a_page_of_our_own(api: Client) -> None:
    page = await api.get("http://api/docs")
    paths = (await api.get("http://api/openapi.json")).json()["paths"]

    assert page.headers["content-type"].startswith("text/html")
    for path in paths:
        assert path in page.text
    assert "http://" not in page.text
    assert "https://" not in page.text
    assert "Equal to the later call_uuid" in page.text


async def test_the_description_has_no_part_that_is_not_there(api: Client) -> None:
    described = (await api.get("http://api/openapi.json")).json()

    models = described["components"]["schemas"]
    for ref in re.findall(r'"\$ref": "([^"]+)"', json.dumps(described)):
        assert ref.removeprefix("#/components/schemas/") in models
