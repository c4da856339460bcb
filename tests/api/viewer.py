"""Somebody who looks at the console: a browser's cookies and headers."""

import httpx
from fastapi import FastAPI

from tests.api.conftest import Server
from voiceplat.services.open_account import Credentials

ORIGIN = "http://console.test"


class Viewer(httpx.AsyncClient):
    """Paths begin behind `/console/api/`; what it sends comes from our own pages."""

    def __init__(self, app: FastAPI, origin: str = ORIGIN) -> None:
        super().__init__(
            transport=httpx.ASGITransport(app),
            base_url=f"{origin}/console/api/",
            headers={"Sec-Fetch-Site": "same-origin"},
        )

    async def log_in(self, who: Credentials, token: str = "") -> httpx.Response:
        form = {"auth_id": who.auth_id, "auth_token": token or who.auth_token}
        return await self.post("login", json=form)


async def logged_in(server: Server, who: Credentials) -> Viewer:
    viewer = Viewer(server.app)
    answer = await viewer.log_in(who)
    assert answer.status_code == 204, answer.text
    return viewer
