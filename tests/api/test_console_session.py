"""Who is logged in to the console, for how long, and who never is."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
import time_machine

from tests.api.conftest import Client, Server
from tests.api.viewer import ORIGIN, Viewer, logged_in
from tests.servers.redis import RedisServer
from voiceplat.api.console.session import COOKIE
from voiceplat.core.sealing import seal
from voiceplat.db.repositories import AccountRepository

pytestmark = pytest.mark.redis


async def is_in(viewer: Viewer) -> bool:
    answer = await viewer.get("session")
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


async def test_an_account_logs_in_and_out(server: Server) -> None:
    viewer = await logged_in(server, server.main)

    session = (await viewer.get("session")).json()
    cookie = viewer.cookies[COOKIE]
    out = await viewer.post("logout")

    assert session["account"] == {"auth_id": server.main.auth_id, "name": "main"}
    assert [it["name"] for it in session["accounts"]] == ["main", "sub"]
    assert session["is_operator"] is True
    assert out.status_code == 204
    assert not await is_in(viewer)
    viewer.cookies.set(COOKIE, cookie)  # somebody has kept it
    assert not await is_in(viewer)


async def test_what_is_told_stays_in_no_cache(server: Server) -> None:
    viewer = await logged_in(server, server.main)

    for path in ("session", "overview", "calls"):
        answer = await viewer.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_cookie_is_for_this_page_alone(server: Server) -> None:
    plain, secret = Viewer(server.app), Viewer(server.app, "https://console.test")

    over_http = (await plain.log_in(server.main)).headers["Set-Cookie"]
    over_tls = (await secret.log_in(server.main)).headers["Set-Cookie"]

    for part in ("HttpOnly", "Path=/console", "SameSite=strict", "Max-Age=43200"):
        assert part in over_http
    assert "Secure" not in over_http
    assert "Secure" in over_tls


async def test_nobody_else_is_let_in(server: Server) -> None:
    viewer = Viewer(server.app)

    wrong = await viewer.log_in(server.main, token="wrong")
    swapped = await viewer.log_in(server.main, token=server.sub.auth_token)
    nobody = await viewer.post("login", json={"auth_id": "MANOBODY", "auth_token": ""})

    for answer in (wrong, swapped, nobody):
        assert answer.status_code == 401
        assert "WWW-Authenticate" not in answer.headers  # no browser may ask
        assert "Set-Cookie" not in answer.headers
    assert (await viewer.get("login")).json() is False


@pytest.mark.parametrize(
    "path",
    ["session", "overview", "overview/events", "calls", "calls/events", "causes"],
)
async def test_nothing_is_told_without_a_session(server: Server, path: str) -> None:
    answer = await Viewer(server.app).get(path)

    assert answer.status_code == 401


async def test_a_guesser_is_locked_out_and_the_owner_elsewhere_is_not(
    server: Server,
) -> None:
    viewer = Viewer(server.app)
    allowed = server.settings.console.login_attempts

    for _ in range(allowed):
        assert (await viewer.log_in(server.main, token="guess")).status_code == 401
    refused = await viewer.log_in(server.main)
    other = await viewer.log_in(server.sub)

    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 200
    assert other.status_code == 204


async def test_right_tokens_are_not_counted(server: Server) -> None:
    viewer = Viewer(server.app)

    for _ in range(3 * server.settings.console.login_attempts):
        assert (await viewer.log_in(server.main)).status_code == 204


async def test_a_new_token_ends_the_sessions_of_the_old_one(server: Server) -> None:
    viewer = await logged_in(server, server.main)
    other = await logged_in(server, server.stranger)

    async with server.db.transaction() as tx:
        sealed = seal("a-new-token", server.settings.security)
        await AccountRepository(tx).change(
            server.main.auth_id, {"sealed_token": sealed}
        )

    assert not await is_in(viewer)
    assert await is_in(other)


async def test_a_disabled_account_is_out(server: Server, api: Client) -> None:
    viewer = await logged_in(server, server.sub)

    async with server.db.transaction() as tx:
        await AccountRepository(tx).change(server.sub.auth_id, {"enabled": False})

    assert not await is_in(viewer)
    assert (await viewer.log_in(server.sub)).status_code == 401


async def test_a_session_ends_by_itself(server: Server) -> None:
    viewer = await logged_in(server, server.main)
    minutes = server.settings.console.session_minutes
    ends = datetime.now(UTC) + timedelta(minutes=minutes)

    cookie = viewer.cookies[COOKIE]
    with time_machine.travel(ends + timedelta(seconds=5), tick=True):
        viewer.cookies.clear()
        answer = await viewer.get("session", headers={"Cookie": f"{COOKIE}={cookie}"})

    assert answer.status_code == 401


async def test_a_cookie_of_ones_own_making_opens_nothing(server: Server) -> None:
    viewer = Viewer(server.app)
    claims = {
        "sub": server.main.auth_id,
        "jti": "x",
        "exp": datetime.now(UTC) + timedelta(hours=1),
    }
    own = jwt.encode(claims, server.stranger.auth_token, algorithm="HS256")
    unsigned = jwt.encode(claims, "", algorithm="none")

    for made in (own, unsigned, "", "x", "a.b.c"):
        viewer.cookies.set(COOKIE, made)
        assert not await is_in(viewer)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://elsewhere.test"},
        {"Origin": "null"},
        {},
    ],
)
async def test_pages_of_others_change_nothing(
    server: Server, headers: dict[str, str]
) -> None:
    viewer = await logged_in(server, server.main)
    del viewer.headers["Sec-Fetch-Site"]

    answers = [
        await viewer.post("logout", headers=headers),
        await viewer.post(
            "login",
            headers=headers,
            json={"auth_id": server.sub.auth_id, "auth_token": server.sub.auth_token},
        ),
        await viewer.post(
            "call/00000000-0000-0000-0000-000000000000/hangup", headers=headers
        ),
    ]

    assert [it.status_code for it in answers] == [403, 403, 403]
    assert await is_in(viewer)


async def test_a_browser_that_says_only_its_origin_is_believed(server: Server) -> None:
    viewer = await logged_in(server, server.main)
    del viewer.headers["Sec-Fetch-Site"]

    answer = await viewer.post("logout", headers={"Origin": ORIGIN})

    assert answer.status_code == 204


async def test_records_can_be_read_while_redis_is_away(
    server: Server, redis: RedisServer
) -> None:
    viewer = await logged_in(server, server.main)
    redis.kill()
    try:
        session = await viewer.get("session")
        login = await viewer.log_in(server.main)
        ended = await viewer.get("calls", params={"is_live": "false"})
    finally:
        redis.start()

    assert session.status_code == 200
    assert login.status_code == 503
    assert ended.status_code == 200
