"""The web phone is told of the TURN server when it has logged in, and not before."""

import base64
import hmac
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.api.conftest import Server, serving
from voiceplat.api.console.turn import turn_urls
from voiceplat.bus import keys
from voiceplat.core.settings import Settings
from voiceplat.core.sip_settings import SipSettings
from voiceplat.core.turn_settings import TurnSettings

SECRET = "between us"
TICKET = "5f1d"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    turn = TurnSettings.model_validate({"port": 3478, "secret": SECRET})
    return settings.model_copy(update={"turn": turn})


async def asked(server: Server, ticket: str | None) -> httpx.Response:
    transport = httpx.ASGITransport(server.app)
    headers = {} if ticket is None else {"X-VP-Turn": ticket}
    async with httpx.AsyncClient(
        transport=transport, base_url="https://voice.example.com"
    ) as page:
        return await page.post("/console/phone/turn", headers=headers)


async def logged_in(server: Server, user: str) -> None:
    """What the edge writes when it lets a browser in."""
    key = keys.turn_ticket(TICKET)
    await server.bus.browsers._wire.ask("SET", key, user, "EX", 60)


async def test_a_ticket_opens_the_relay_for_its_endpoint(server: Server) -> None:
    await logged_in(server, "alice")

    answer = await asked(server, TICKET)

    (told,) = answer.json()
    ends, _, user = told["username"].partition(":")
    signed = hmac.digest(SECRET.encode(), told["username"].encode(), "sha1")
    assert told["urls"] == [
        "turn:voice.example.com:3478?transport=udp",
        "turn:voice.example.com:3478?transport=tcp",
    ]
    assert user == "alice"
    assert 3500 < int(ends) - time.time() <= 3600  # noqa: TID251 - as coturn sees it
    assert told["credential"] == base64.b64encode(signed).decode()
    assert answer.headers["Cache-Control"] == "no-store"


async def test_nobody_else_is_told(server: Server) -> None:
    await logged_in(server, "alice")

    assert (await asked(server, None)).status_code == 403
    assert (await asked(server, "")).status_code == 403
    assert (await asked(server, "guess")).status_code == 403


async def test_a_ticket_is_good_for_once(server: Server) -> None:
    await logged_in(server, "alice")

    assert (await asked(server, TICKET)).status_code == 200
    assert (await asked(server, TICKET)).status_code == 403


@pytest.fixture
async def without_turn(settings: Settings) -> AsyncIterator[Server]:
    off = settings.model_copy(update={"turn": TurnSettings()})
    async with serving(off) as server:
        yield server


async def test_where_there_is_none_it_is_not_found(without_turn: Server) -> None:
    await logged_in(without_turn, "alice")

    assert (await asked(without_turn, TICKET)).status_code == 404


@pytest.mark.parametrize(
    ("page_host", "turn", "host"),
    [
        ("voice.example.com", {}, "voice.example.com"),
        ("voice.example.com", {"host": "turn.example.com"}, "turn.example.com"),
        ("localhost", {}, "192.0.2.1"),
        ("127.0.0.1", {}, "192.0.2.1"),
    ],
)
def test_the_way_there_is_by_the_name_in_the_certificate(
    page_host: str, turn: dict[str, Any], host: str
) -> None:
    settings = Settings(
        sip=SipSettings(host="192.0.2.1"),
        turn=TurnSettings(port=3478, tls_port=5349, **turn),
    )

    assert turn_urls(page_host, settings) == [
        f"turn:{host}:3478?transport=udp",
        f"turn:{host}:3478?transport=tcp",
        f"turns:{host}:5349?transport=tcp",
    ]
