"""The API's walk through every table, on PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest

from tests.api.conftest import Client, Server, serving
from tests.db.ended import ended_call
from tests.servers.postgres import find_binaries, fresh_database, postgres_server
from voiceplat.core.clock import utc_now
from voiceplat.core.ids import AuthId
from voiceplat.core.settings import DatabaseSettings, Settings
from voiceplat.db.models import Number
from voiceplat.db.repositories import CallRepository, NumberRepository
from voiceplat.services.open_account import Credentials

pytestmark = [pytest.mark.redis, pytest.mark.postgres]


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    if find_binaries() is None:
        pytest.fail("PostgreSQL is not installed (apt-get install postgresql)")
    with postgres_server() as url:
        yield url


@pytest.fixture
async def server(settings: Settings, postgres_url: str) -> AsyncIterator[Server]:
    async with fresh_database(postgres_url) as url:
        database = DatabaseSettings(url=url)
        async with serving(settings.model_copy(update={"database": database})) as it:
            yield it


async def test_what_is_made_is_shown_listed_changed_and_deleted(
    server: Server, api: Client
) -> None:
    made = await api.post("Application/", json={"app_name": "shop"})
    app_id = made.json()["app_id"]
    async with server.db.transaction() as tx:
        number = Number(number="14155550100", account_id=server.main.auth_id)
        await NumberRepository(tx).add(number)
    user = {"username": "alice", "password": "s3cret", "alias": "a", "app_id": app_id}
    endpoint = (await api.post("Endpoint/", json=user)).json()
    await api.post("Number/14155550100/", json={"app_id": app_id})

    linked = (await api.get("Number/?number_startswith=1415")).json()["objects"]
    deleted = await api.request("DELETE", f"Application/{app_id}/", json={})

    assert linked[0]["application"].endswith(f"/Application/{app_id}/")
    assert deleted.status_code == 204
    assert (await api.get("Number/14155550100/")).json()["application"] is None
    assert (await api.get(f"Endpoint/{endpoint['endpoint_id']}/")).status_code == 404
    assert await server.bus.directory.user(endpoint["username"]) is None


async def test_records_are_filtered_by_account_time_and_number(
    server: Server, api: Client
) -> None:
    at = utc_now() - timedelta(hours=1)
    main, sub = server.main.auth_id, server.sub.auth_id
    async with server.db.transaction() as tx:
        for account in (main, sub):
            ended = ended_call(account=account, main=main, at=at)
            await CallRepository(tx).add_once(ended)

    query = f"end_time={at:%Y-%m-%d %H:%M:%S}&from_number=1415"
    both = (await api.get(f"Call/?{query}")).json()
    subs = (await api.get(f"Call/?{query}&subaccount={sub}")).json()

    assert both["meta"]["total_count"] == 2
    assert subs["meta"]["total_count"] == 1


@pytest.mark.parametrize("path", ["Application/%00/", "Number/%00/", "Call/%00/"])
async def test_a_nul_is_not_found(api: Client, path: str) -> None:
    assert (await api.get(path)).status_code == 404


async def test_a_user_with_a_nul_is_nobody(server: Server) -> None:
    nobody = Credentials(AuthId("MA\0"), "x")

    async with server.client(nobody, server.main) as client:
        assert (await client.get("")).status_code == 401


@pytest.mark.parametrize(
    "query", ["offset=2147483647", "bill_duration=2147483647", "from_number=%25_"]
)
async def test_extreme_filters_find_nothing(api: Client, query: str) -> None:
    answer = await api.get(f"Call/?{query}")

    assert answer.status_code == 200
    assert answer.json()["objects"] == []
