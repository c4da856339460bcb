"""The pages for people: where they connect to, and what else they may."""

import re
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from tests.api.conftest import Server
from voiceplat.api.console.pages import web_socket
from voiceplat.api.console.session import COOKIE
from voiceplat.core.sip_settings import SipSettings


def browser(server: Server, base_url: str = "http://localhost") -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(server.app), base_url=base_url
    )


async def test_the_phone_may_reach_its_own_files_and_the_edge_alone(
    server: Server,
) -> None:
    async with browser(server) as client:
        page = await client.get("/console/phone")

    sip = server.settings.sip
    policy = page.headers["Content-Security-Policy"]
    assert page.status_code == 200
    assert f"connect-src 'self' ws://{sip.ws_host}:{sip.ws_port};" in policy
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert f'content="{sip.domain}"' in page.text
    assert "<script>" not in page.text
    assert "style=" not in page.text
    assert "$" not in page.text


async def test_every_file_that_the_page_names_is_there(server: Server) -> None:
    async with browser(server) as client:
        for path in (
            "console.css",
            "phone.css",
            "icon.svg",
            "phone/main.js",
            "phone/line.js",
        ):
            answer = await client.get(f"/console/static/{path}")
            assert answer.status_code == 200, path
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_the_console_begins_with_the_overview_behind_a_log_in(
    server: Server,
) -> None:
    async with browser(server) as client:
        first = await client.get("/console")
        strange = await client.get("/console/calls?cause=7011&page=2")
        client.cookies.set(COOKIE, "x")
        known = await client.get("/console/")

    assert first.headers["Location"] == "/console/"
    wanted = quote("/console/calls?cause=7011&page=2")
    assert strange.headers["Location"] == f"/console/login?next={wanted}"
    assert known.status_code == 200


async def test_the_pages_of_the_console_have_nothing_inline(server: Server) -> None:
    async with browser(server) as client:
        client.cookies.set(COOKIE, "x")
        for path in ("", "calls", f"call/{uuid4()}", "login"):
            page = await client.get(f"/console/{path}")

            assert page.status_code == 200
            assert "form-action 'none'" in page.headers["Content-Security-Policy"]
            assert "connect-src 'self' ;" in page.headers["Content-Security-Policy"]
            assert "<script>" not in page.text
            assert "style=" not in page.text
            assert "$" not in page.text
            for file in re.findall(
                r'(?:src|href)="(/console/static/[^"]+)"', page.text
            ):
                assert (await client.get(file)).status_code == 200, file


async def test_a_call_is_named_by_its_uuid_and_nothing_else(server: Server) -> None:
    async with browser(server) as client:
        client.cookies.set(COOKIE, "x")
        answer = await client.get('/console/call/"><script>')

    assert answer.status_code in {400, 404}
    assert "<script>" not in answer.text


@pytest.mark.parametrize(
    ("page", "socket"),
    [
        ("http://127.0.0.1:8080", "ws://127.0.0.1:5066"),
        ("http://localhost:8080", "ws://127.0.0.1:5066"),
        ("https://localhost", "wss://localhost:7443"),
        ("https://voice.example.com", "wss://voice.example.com:7443"),
        ("http://192.0.2.7:8080", "wss://192.0.2.7:7443"),
    ],
)
async def test_the_socket_is_at_the_host_of_the_page(
    server: Server, page: str, socket: str
) -> None:
    async with browser(server, page) as client:
        answer = await client.get("/console/phone")

    assert f'content="{socket}"' in answer.text


async def test_a_host_that_is_none_gets_into_no_header(server: Server) -> None:
    async with browser(server) as client:
        answer = await client.get("/console/phone", headers={"Host": "x; script-src *"})

    assert "script-src *" not in answer.headers["Content-Security-Policy"]


def test_an_operator_may_say_where_the_socket_is() -> None:
    url = "wss://voice.example.com/sip"

    assert web_socket(None, SipSettings(web_socket_url=url)) == url  # type: ignore[arg-type]
