"""Who may do what on which account (plivo-rest 1.2, 1.10)."""

import base64

import httpx
import pytest

from tests.api.conftest import Server, serving
from voiceplat.core.settings import Settings
from voiceplat.db.repositories import AccountRepository
from voiceplat.services.open_account import Credentials

pytestmark = pytest.mark.redis


async def status_of(
    server: Server, who: Credentials, path_of: Credentials | None = None
) -> int:
    async with server.client(who, path_of) as client:
        return (await client.get("")).status_code


async def test_an_account_reaches_itself(server: Server) -> None:
    assert await status_of(server, server.main) == 200
    assert await status_of(server, server.sub) == 200


async def test_a_main_account_reaches_its_subaccount(server: Server) -> None:
    assert await status_of(server, server.main, server.sub) == 200


async def test_a_subaccount_does_not_reach_its_main_account(server: Server) -> None:
    assert await status_of(server, server.sub, server.main) == 401


async def test_a_stranger_reaches_nobody_else(server: Server) -> None:
    assert await status_of(server, server.stranger, server.main) == 401
    assert await status_of(server, server.stranger, server.sub) == 401


@pytest.mark.parametrize("token", ["", "wrong", "ünïcödé"])
async def test_a_wrong_token_is_refused(server: Server, token: str) -> None:
    wrong = Credentials(server.main.auth_id, token)

    assert await status_of(server, wrong) == 401


async def test_another_accounts_token_is_refused(server: Server) -> None:
    mixed = Credentials(server.main.auth_id, server.sub.auth_token)

    assert await status_of(server, mixed) == 401


@pytest.mark.parametrize(
    "header",
    [
        None,
        "Basic",
        "Basic !!!",
        "Bearer abc",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
    ],
)
async def test_credentials_that_are_none_are_refused(
    server: Server, header: str | None
) -> None:
    headers = {"Authorization": header} if header else {}
    url = f"http://api/v1/Account/{server.main.auth_id}/"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(server.app)) as client:
        answer = await client.get(url, headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert answer.json()["api_id"]


@pytest.mark.parametrize("disabled", ["main", "sub"])
async def test_a_disabled_subaccount_is_refused_also_by_its_main_account(
    server: Server, disabled: str
) -> None:
    auth_id = (server.main if disabled == "main" else server.sub).auth_id
    async with server.db.transaction() as tx:
        await AccountRepository(tx).change(auth_id, {"enabled": False})

    assert await status_of(server, server.sub) == 401
    assert await status_of(server, server.main, server.sub) == 401


async def test_an_account_that_asks_too_often_gets_429(settings: Settings) -> None:
    few = settings.model_copy(
        update={"api": settings.api.model_copy(update={"requests_per_window": 3})}
    )
    async with serving(few) as server, server.client(server.main) as client:
        allowed = [(await client.get("")).status_code for _ in range(3)]
        refused = await client.get("Call/")
        others = await status_of(server, server.stranger)

    assert allowed == [200, 200, 200]
    assert refused.status_code == 429
    assert refused.json()["error"] == "429 Too Many Requests"
    assert refused.json()["objects"] == []
    assert 1 <= int(refused.headers["Retry-After"]) <= few.api.window_s
    assert others == 200


@pytest.mark.parametrize("body", [b"{", b'{"callback_url": "nonsense"}'])
async def test_what_a_stranger_sends_is_not_read(server: Server, body: bytes) -> None:
    async with server.client(server.stranger, path_of=server.main) as client:
        answer = await client.post("Call/", content=body)

    assert answer.status_code == 401
