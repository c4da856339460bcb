"""What the edge is told of an access token."""

import httpx
import pytest

from tests.api.conftest import Server
from tests.servers.access_tokens import access_token

DAY_S = 24 * 3600


async def asked(server: Server, token: str, user: str = "puser1jt_x") -> httpx.Response:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(server.app), base_url="http://api"
    ) as edge:
        return await edge.get(
            "/edge/token", headers={"X-Plivo-Jwt": token, "X-VP-User": user}
        )


async def test_a_subject_that_is_an_endpoint_is_that_endpoint(server: Server) -> None:
    main = server.main
    async with server.client(main) as client:
        made = await client.post(
            "Endpoint/",
            json={"username": "anna", "password": "swordfish", "alias": "a"},
        )
    user = made.json()["username"]

    answer = await asked(server, access_token(main.auth_id, main.auth_token, user))

    assert answer.text.split()[:2] == [user, main.auth_id]
    assert answer.text.split()[3:5] == ["1", "1"]


async def test_another_accounts_endpoint_is_nobodys_but_its_own(
    server: Server,
) -> None:
    async with server.client(server.main) as client:
        made = await client.post(
            "Endpoint/",
            json={"username": "anna", "password": "swordfish", "alias": "a"},
        )
    user, stranger = made.json()["username"], server.stranger

    token = access_token(stranger.auth_id, stranger.auth_token, user)
    answer = await asked(server, token)

    assert answer.text.split()[0] == f"{user}_{stranger.auth_id}"


async def test_any_other_subject_is_a_user_until_the_token_ends(
    server: Server,
) -> None:
    main = server.main
    token = access_token(
        main.auth_id, main.auth_token, "shop-7", outgoing=False, app="123"
    )

    answer = await asked(server, token)

    name = f"shop-7_{main.auth_id}"
    user = await server.bus.directory.user(name)
    assert answer.text.split()[0] == name
    assert answer.text.split()[3:] == ["1", "0", "123"]
    assert user is not None
    assert (user.account, user.app_id) == (main.auth_id, "123")


async def test_without_a_subject_the_name_is_the_sdks(server: Server) -> None:
    main = server.main
    token, name = (
        access_token(main.auth_id, main.auth_token, ""),
        f"puser1jt_{main.auth_id}",
    )

    mine = await asked(server, token, name)
    others = await asked(server, token, f"puser1jt_{server.stranger.auth_id}")

    assert mine.text.split()[0] == name
    assert (others.status_code, others.text) == (403, "10004")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"key": "another token" * 3}, "10007"),
        ({"auth_id": "MA" + "X" * 18}, "10003"),
        ({"subject": "a b"}, "10004"),
        ({"begins_in_s": 300}, "10005"),
        ({"begins_in_s": -900}, "10006"),
        ({"good_for_s": 2 * DAY_S}, "10009"),
    ],
)
async def test_a_token_that_is_not_good_is_refused_by_number(
    server: Server, changes: dict[str, object], code: str
) -> None:
    claims: dict[str, object] = {
        "auth_id": server.main.auth_id,
        "key": server.main.auth_token,
        "subject": "anna",
    }

    answer = await asked(server, access_token(**claims | changes))  # type: ignore[arg-type]

    assert (answer.status_code, answer.text) == (403, code)


@pytest.mark.parametrize("token", ["", "a.b.c", "e30.e30.e30", "e30.W10.x"])
async def test_what_is_no_token_is_refused(server: Server, token: str) -> None:
    answer = await asked(server, token)

    assert answer.status_code == 403
    assert answer.text in {"10001", "10002"}
