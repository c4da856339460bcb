"""Every route of the application, attacked by those whom it is not for.

The routes are read from the application: one that nobody taught this file how to attack
fails it.
"""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from typing_extensions import override

from tests.api.conftest import Server, serving
from tests.api.recordings import keep
from tests.api.test_conferences import FakeMixer, room_of
from tests.api.test_make_call import ORDER
from tests.api.test_verified_caller_ids import verified
from tests.api.worker import FakeWorker, working
from voiceplat.calls.recording import Recording
from voiceplat.core.settings import Settings
from voiceplat.services.add_number import add_number
from voiceplat.services.open_account import Credentials, open_account

pytestmark = pytest.mark.redis

OPEN: Final = {
    "/openapi.json",
    "/docs",
    "/healthz",
    "/readyz",
    "/edge/token",
    "/console",
    "/console/",
    "/console/login",
    "/console/calls",
    "/console/call/{uuid}",
    "/console/phone",
    "/console/phone/turn",
    "/console/static",
    "/console/api/login",
}
"""For everybody, because they have nothing that is anybody's; TURN is for a ticket."""
CONSOLE: Final = "/console/api/"
"""What is for those who have logged in, whatever credentials come along."""
ACCOUNT: Final = "/v1/Account/{auth_id}/"
NUMBER: Final = "14155550100"
ROOM: Final = "sales"
BODY: Final[Mapping[str, Any]] = {
    "alias": "stolen",
    "aleg_url": "https://thief.example/",
    "app_name": "stolen",
    "digits": "1",
    "enabled": True,
    "host": "thief.example",
    "legs": "aleg",
    "name": "stolen",
    "otp": "000000",
    "rating": 1,
    "text": "stolen",
    "url": "https://thief.example/a.mp3",
    "urls": "https://thief.example/a.mp3",
}
"""Something that each route which changes one thing would carry out."""
LIVE: Final = {"status": "live"}
"""Where calls are read, those that are live are meant."""
_CHANGES: Final = re.compile(r'"(api_id|conference_run_time|join_time)": ?"[^"]*"')
"""In an answer that says the same."""


@dataclass(frozen=True, slots=True)
class Route:
    method: str
    path: str

    @override
    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def routes(app: FastAPI) -> list[Route]:
    """Those below /v1; all others must be known to be open, or the console's."""
    closed = [it for it in closed_routes(app) if not it.path.startswith(CONSOLE)]
    strange = [str(route) for route in closed if not route.path.startswith("/v1/")]
    assert not strange, f"for everybody, or for whom? {strange}"
    return closed


def closed_routes(app: FastAPI) -> list[Route]:
    found = [
        Route(method, str(context.path))
        for context in iter_route_contexts(app.routes)
        for method in sorted(context.methods or {"GET"})
    ]
    return [route for route in found if route.path not in OPEN]


@dataclass(frozen=True, slots=True)
class Victim:
    """The main account, and one of everything that an account may have."""

    server: Server
    sibling: Credentials
    worker: FakeWorker
    mixer: FakeMixer
    names: Mapping[str, str]
    """What stands for each parameter of a path."""

    def url(self, route: Route, path_of: Credentials) -> str:
        unknown = "nobody told tests/api/test_every_route.py what is meant by"
        try:
            path = route.path.replace(":path}", "}")
            return path.format(auth_id=path_of.auth_id, **self.names)
        except KeyError as error:
            raise AssertionError(f"{unknown} {error} of {route}") from error

    async def ask(
        self, route: Route, who: Credentials | None, path_of: Credentials
    ) -> httpx.Response:
        auth = (who.auth_id, who.auth_token) if who else None
        transport = httpx.ASGITransport(self.server.app)
        async with httpx.AsyncClient(transport=transport, auth=auth) as client:
            url = f"http://api{self.url(route, path_of)}"
            if route.method in {"GET", "HEAD"}:
                return await client.request(route.method, url, params=LIVE)
            return await client.request(route.method, url, json=BODY)

    async def possessions(self) -> dict[str, Any]:
        """Whatever its owner can read, and whatever was done to its calls."""
        owner = self.server.main
        seen: dict[str, Any] = {}
        for route in routes(self.server.app):
            if route.method == "GET" and "extension" not in route.path:
                answer = await self.ask(route, owner, owner)
                seen[str(route)] = _CHANGES.sub("", answer.text)
        return seen | {"done": [*self.worker.commands, *self.mixer.commands]}


@pytest.fixture
async def victim(settings: Settings, tmp_path: Path) -> AsyncIterator[Victim]:
    patient = settings.model_copy(
        update={
            "api": settings.api.model_copy(update={"requests_per_window": 100_000}),
            "recordings": settings.recordings.model_copy(update={"access": "basic"}),
        }
    )
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(serving(patient))
        main = server.main
        sibling = await open_account(
            server.db, settings.security, "sibling", parent=main.auth_id
        )
        made = await _made_by(server, await keep(server, tmp_path, b"a recording"))
        worker = await stack.enter_async_context(working(server.bus))
        live = await worker.take_inbound(main.auth_id, main.auth_id)
        await server.bus.live.answered(live)
        mixer = await stack.enter_async_context(
            room_of(server.bus, main, name=ROOM, calls=[live])
        )
        names = made | {
            "call_uuid": live,
            "conference_name": ROOM,
            "member_id": "10",
            "subauth_id": server.sub.auth_id,
            "uuid": live,
        }
        yield Victim(server, sibling, worker, mixer, names)


async def _made_by(server: Server, recording: Recording) -> dict[str, str]:
    """What the main account makes over the API: names of parameters, and values."""
    user = {"username": "a", "password": "a-password", "alias": "a"}
    trunk = {"name": "carrier", "host": "carrier.example"}
    async with server.db.transaction() as tx:
        await add_number(tx, NUMBER, server.main.auth_id, None)
    async with server.client(server.main) as api:
        caller_id = await verified(server, api)
        answers = {
            "app_id": await api.post("Application/", json={"app_name": "a"}),
            "endpoint_id": await api.post("Endpoint/", json=user),
            "name": await api.post("Trunk/", json=trunk),
            "request_uuid": await api.post("Call/", json=ORDER),
            "text": await api.post(f"Transcription/{recording.order.id}/"),
        }
    refused = {name: it.text for name, it in answers.items() if it.status_code >= 300}
    assert not refused
    said = ("app_id", "endpoint_id", "request_uuid")
    return {name: str(answers[name].json()[name]) for name in said} | {
        "extension": "mp3",
        "name": trunk["name"],
        "number": NUMBER,
        "phone_number": caller_id["phone_number"],
        "recording_id": recording.order.id,
        "verification_uuid": caller_id["verification_uuid"],
    }


async def test_no_route_is_for_those_without_the_right_credentials(
    victim: Victim,
) -> None:
    server = victim.server
    main = server.main
    attackers = {
        "nobody": None,
        "a wrong token": Credentials(main.auth_id, "wrong"),
        "a stranger's token": Credentials(main.auth_id, server.stranger.auth_token),
        "a subaccount's token": Credentials(main.auth_id, server.sub.auth_token),
        "a stranger": server.stranger,
        "a subaccount": server.sub,
    }
    before = await victim.possessions()

    let_in = [
        f"{who}: {route} answered {answer.status_code}"
        for route in routes(server.app)
        for who, credentials in attackers.items()
        if (answer := await victim.ask(route, credentials, main)).status_code != 401
        and not _is_hidden(answer, route)
    ]

    assert not let_in
    assert await victim.possessions() == before


async def test_what_the_console_tells_is_for_those_who_have_logged_in(
    victim: Victim,
) -> None:
    """Credentials alone are none there: a browser may send them unasked."""
    main = victim.server.main
    told = [
        it for it in closed_routes(victim.server.app) if it.path.startswith(CONSOLE)
    ]
    before = await victim.possessions()

    let_in = [
        f"{route} answered {answer.status_code}"
        for route in told
        for who in (None, main)
        if (answer := await victim.ask(route, who, main)).status_code not in {401, 403}
    ]

    assert len(told) > 10
    assert not let_in
    assert await victim.possessions() == before


def _is_hidden(answer: httpx.Response, route: Route) -> bool:
    """A path that names no account is everybody's: then the thing is not found."""
    return not route.path.startswith(ACCOUNT) and answer.status_code == 404


async def test_what_is_anothers_is_not_found_and_stays_as_it_is(
    victim: Victim,
) -> None:
    server = victim.server
    of_one = [route for route in routes(server.app) if _names_something(route)]
    before = await victim.possessions()

    found = [
        f"{who}: {route} answered {answer.status_code} {answer.text[:80]}"
        for route in of_one
        for who, thief in (
            ("stranger", server.stranger),
            ("subaccount", server.sub),
            ("sibling", victim.sibling),
        )
        if (answer := await victim.ask(route, thief, thief)).status_code != 404
        and not (answer.status_code == 403 and "/Subaccount/" in route.path)
    ]

    assert len(of_one) > 40
    assert not found
    assert await victim.possessions() == before


def _names_something(route: Route) -> bool:
    return "{" in route.path.replace(ACCOUNT, "")


async def test_lists_have_nothing_of_anothers(victim: Victim) -> None:
    server = victim.server
    lists = [
        route
        for route in routes(server.app)
        if route.method == "GET" and not _names_something(route)
    ]

    for route in lists:
        for thief in (server.stranger, victim.sibling):
            text = (await victim.ask(route, thief, thief)).text
            assert not [it for it in victim.names.values() if f'"{it}"' in text], route


async def test_their_owner_finds_what_the_others_did_not(victim: Victim) -> None:
    owner = victim.server.main
    reads = [
        route
        for route in routes(victim.server.app)
        if route.method == "GET" and _names_something(route)
    ]

    answers = {str(route): await victim.ask(route, owner, owner) for route in reads}

    assert not [name for name, it in answers.items() if it.status_code != 200]
