"""Access tokens at the edge: what they do not grant, and the API that is away."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import uvicorn

from tests.api.conftest import Server, serving
from tests.edge.conftest import APP, PHONE_HOST, call_as, call_out
from tests.edge.dialog import Caller
from tests.edge.party import Party, udp_party
from tests.edge.sip import Message
from tests.servers.access_tokens import access_token
from tests.servers.edge import PRIVATE_HOST, EdgeServer, edge_server
from tests.servers.free_ports import free_port
from voiceplat.core.ids import WorkerAddress
from voiceplat.core.sealing import new_secret_key
from voiceplat.core.settings import Settings

pytestmark = pytest.mark.edge

SUBJECT: Final = "shop-7"
UNAUTHORIZED, FORBIDDEN, TRY_LATER = REFUSALS = (401, 403, 503)
PATIENCE_S: Final = 20


@dataclass(slots=True)
class Scene:
    """An API that the edge may ask, a phone with tokens, and a worker."""

    api: Server
    api_port: int
    edge: EdgeServer
    phone: Party
    worker: Party

    @property
    def user(self) -> str:
        return f"{SUBJECT}_{self.api.main.auth_id}"

    def token(self, *, incoming: bool = True, outgoing: bool = True) -> str:
        account = self.api.main
        return access_token(
            *(account.auth_id, account.auth_token, SUBJECT),
            incoming=incoming,
            outgoing=outgoing,
            app=APP,
        )

    async def register(self, token: str) -> Message:
        """The final answer to a REGISTER with that token."""
        sender = f"sip:{self.user}@{self.edge.domain}"
        headers = {"Expires": "300", "X_Plivo_Jwt": token}
        caller = Caller(
            self.phone, f"sip:{self.edge.domain}", sender, to=sender, headers=headers
        )
        caller.send("REGISTER")
        return await self.phone.expect(200, *REFUSALS, within_s=PATIENCE_S)

    def call(self, token: str) -> Caller:
        invite = call_as(
            self.phone, self.edge, self.user, "15550001", X_Plivo_Jwt=token
        )
        return invite.send()


@asynccontextmanager
async def listening(api: Server, port: int) -> AsyncIterator[None]:
    """It answers at that port, until the end of the block."""
    server = uvicorn.Server(
        uvicorn.Config(
            api.app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1
        )
    )
    at = socket.create_server(("127.0.0.1", port))
    serving_it = asyncio.create_task(server._serve([at]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving_it


@pytest.fixture
async def scene(redis_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    """Nobody listens at `api_port` yet."""
    settings = Settings.model_validate(
        {
            "data": tmp_path,
            "database": {"url": f"sqlite+aiosqlite:///{tmp_path}/voiceplat.db"},
            "redis": {"url": redis_url},
            "security": {"secret_key": new_secret_key()},
        }
    )
    port = free_port()
    url = f"http://127.0.0.1:{port}/edge/token"
    with edge_server(redis_url, token_check_url=url) as edge:
        async with (
            serving(settings) as api,
            udp_party(PHONE_HOST, edge.outside) as phone,
            udp_party(PRIVATE_HOST, edge.private) as worker,
        ):
            address = WorkerAddress(f"{worker.host}:{worker.port}")
            await api.bus.slots.announce(address, free=3, busy=0)
            yield Scene(api, port, edge, phone, worker)


async def test_a_token_without_outgoing_may_not_call(scene: Scene) -> None:
    async with listening(scene.api, scene.api_port):
        refusal = await scene.call(scene.token(outgoing=False)).refused(*REFUSALS)
        await scene.worker.silence("INVITE")
        scene.call(scene.token(incoming=False))
        invite = await scene.worker.expect("INVITE")

    assert refusal.status == FORBIDDEN
    assert invite.get("X-VP-Who") == scene.user
    assert invite.get("X-VP-Account") == scene.api.main.auth_id
    assert invite.get("X-Plivo-Jwt") == ""


async def test_a_token_without_incoming_is_not_rung(scene: Scene) -> None:
    async with listening(scene.api, scene.api_port):
        answer = await scene.register(scene.token(incoming=False))
        assert answer.status == 200
        assert answer.get("X-Plivo-Jwt").startswith("exp=")
        refusal = (
            await call_out(scene.worker, scene.edge, scene.user)
            .send()
            .refused(480, 404)
        )
        await scene.phone.silence("INVITE")

        await scene.register(scene.token(outgoing=False))
        call_out(scene.worker, scene.edge, scene.user).send()
        await scene.phone.expect("INVITE")

    assert refusal.get("X-VP-Cause") == "2020"


async def test_with_the_api_away_nobody_is_told_that_his_token_is_bad(
    scene: Scene,
) -> None:
    token = scene.token()

    registered = await scene.register(token)
    called = await scene.call(token).refused(*REFUSALS, within_s=PATIENCE_S)

    for answer in (registered, called):
        assert answer.status == TRY_LATER
        assert int(answer.get("Retry-After")) > 0
        assert answer.get("X-Plivo-Jwt-Error-Code") == ""
    await scene.worker.silence("INVITE")
    async with listening(scene.api, scene.api_port):
        assert (await scene.register(token)).status == 200


async def test_a_token_of_another_signature_is_refused_with_the_sdks_number(
    scene: Scene,
) -> None:
    async with listening(scene.api, scene.api_port):
        forged = access_token(scene.api.main.auth_id, "another key" * 3, SUBJECT)

        refusal = await scene.register(forged)

    assert refusal.status == UNAUTHORIZED
    assert refusal.get("X-Plivo-Jwt-Error-Code") == "10007"
