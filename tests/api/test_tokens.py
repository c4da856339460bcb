"""Access tokens: issued over REST, or by the SDK itself, checked by us (7.4)."""

from datetime import timedelta
from typing import Any

import jwt
import pytest

from tests.api.conftest import Client, Server
from voiceplat.core.clock import utc_now
from voiceplat.core.errors import Unauthorized
from voiceplat.core.ids import AuthId
from voiceplat.services.access_token import CONTENT_TYPE, Access, check_token

pytestmark = pytest.mark.redis


def now_s() -> int:
    return int(utc_now().timestamp())


async def issued(server: Server, api: Client, **more: object) -> str:
    answer = await api.post("JWT/Token/", json={"iss": server.main.auth_id} | more)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["token"]
    return token


async def checked(server: Server, token: str) -> Access:
    return await check_token(token, server.bus.directory, server.settings.security)


def signed(server: Server, key: str = "", **claims: object) -> str:
    """A token that the account's owner makes; times are seconds from now."""
    known: dict[str, Any] = {
        "iss": server.main.auth_id,
        "sub": "alice",
        "nbf": -60,
        "exp": 600,
        "grants": {"voice": {"incoming_allow": True, "outgoing_allow": False}},
    }
    given = {name: value for name, value in (known | claims).items() if value}
    given |= {name: now_s() + given[name] for name in ("nbf", "exp") if name in given}
    return jwt.encode(
        given,
        key or server.main.auth_token,
        algorithm="HS256",
        headers={"cty": CONTENT_TYPE},
    )


async def test_a_token_says_what_was_asked_for(server: Server, api: Client) -> None:
    app = await api.post("Application/", json={"app_name": "a"})
    app_id = app.json()["app_id"]
    per = {"voice": {"incoming_allow": True, "outgoing_allow": "true"}}
    now = now_s()

    token = await issued(
        server, api, sub="alice", nbf=str(now), exp=str(now + 600), per=per, app=app_id
    )

    access = await checked(server, token)
    assert access.account == server.main.auth_id
    assert access.username == "alice"
    assert (access.incoming, access.outgoing) == (True, True)
    assert access.ends - access.begins == timedelta(minutes=10)
    assert access.app_id == app_id
    assert jwt.get_unverified_header(token) == {
        "alg": "HS256",
        "cty": "plivo;v=1",
        "typ": "JWT",
    }
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims.keys() == {"jti", "iss", "sub", "nbf", "exp", "grants", "per", "app"}


async def test_a_token_without_times_is_good_for_a_day_from_now(
    server: Server, api: Client
) -> None:
    access = await checked(server, await issued(server, api))

    assert access.ends - access.begins == timedelta(days=1)
    assert (access.incoming, access.outgoing) == (False, False)


@pytest.mark.parametrize(
    ("order", "error"),
    [
        ({"iss": ""}, "iss parameter is missing"),
        ({"iss": "MA" + "X" * 18}, "iss parameter is invalid"),
        ({"per": {"voice": {"incoming_allow": True}}}, "sub parameter is missing"),
        ({"nbf": now_s(), "exp": now_s() + 100}, "exp parameter is invalid"),
        ({"nbf": now_s(), "exp": now_s() + 90000}, "exp parameter is invalid"),
        ({"nbf": now_s(), "exp": now_s() - 600}, "exp parameter is invalid"),
        ({"per": "all"}, "per parameter is invalid"),
    ],
)
async def test_an_order_that_is_wrong_is_refused(
    server: Server, api: Client, order: dict[str, Any], error: str
) -> None:
    answer = await api.post("JWT/Token/", json={"iss": server.main.auth_id} | order)

    assert answer.status_code == 400
    assert error in answer.json()["error"]


async def test_an_application_of_others_is_not_found(
    server: Server, api: Client
) -> None:
    answer = await api.post(
        "JWT/Token/", json={"iss": server.main.auth_id, "app": "123"}
    )

    assert answer.status_code == 404


async def test_a_token_that_the_account_made_itself_is_good(server: Server) -> None:
    access = await checked(server, signed(server))

    assert (access.username, access.incoming, access.outgoing) == ("alice", True, False)


@pytest.mark.parametrize(
    "claims",
    [
        {"nbf": 300},
        {"exp": -300},
        {"exp": None},
        {"nbf": None},
        {"iss": "MA" + "X" * 18},
        {"iss": None},
        {"key": "another key of the same kind, 40 letters"},
    ],
    ids=["too early", "too late", "no end", "no begin", "unknown", "nobody", "forged"],
)
async def test_a_token_that_is_not_good_is_refused(
    server: Server, claims: dict[str, Any]
) -> None:
    with pytest.raises(Unauthorized):
        await checked(server, signed(server, **claims))


@pytest.mark.parametrize("token", ["", "a.b.c", "nonsense"])
async def test_what_is_no_token_is_refused(server: Server, token: str) -> None:
    with pytest.raises(Unauthorized):
        await checked(server, token)


async def test_a_token_without_a_signature_is_refused(server: Server) -> None:
    claims = {"iss": server.main.auth_id, "nbf": now_s(), "exp": now_s() + 600}
    unsigned = jwt.encode(claims, "", algorithm="none", headers={"cty": CONTENT_TYPE})

    with pytest.raises(Unauthorized):
        await checked(server, unsigned)


async def test_a_disabled_accounts_tokens_are_refused(
    server: Server, api: Client
) -> None:
    async with server.client(server.sub) as sub:
        answer = await sub.post("JWT/Token/", json={"iss": server.sub.auth_id})
    token = answer.json()["token"]
    before = await checked(server, token)

    await api.post(f"Subaccount/{server.sub.auth_id}/", json={"enabled": False})

    assert before.account == AuthId(server.sub.auth_id)
    with pytest.raises(Unauthorized, match="issuer"):
        await checked(server, token)
