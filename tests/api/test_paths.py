"""Paths that try to lead out of where they belong, and names that nobody has."""

from typing import Final

import httpx
import pytest

from tests.api.conftest import Server

pytestmark = pytest.mark.redis

NAMES: Final = {
    "escaped dots": "%2e%2e",
    "escaped twice": "%252e%252e",
    "slash": "..%2f..%2fetc%2fpasswd",
    "backslash": "..%5c..%5cetc",
    "NUL": "%00",
    "NUL behind": "x%00.mp3",
    "line end": "x%0d%0aX-Evil:1",
    "no text": "%ff%fe",
    "unicode": "%e2%80%ae%f0%9f%92%a3",
    "quote": "x'%20OR%20'1'='1",
    "percent": "x%25",
    "pattern": "%25%5f*?[",
    "very long": "x" * 20_000,
}
KINDS: Final = (
    "Application",
    "Call",
    "Conference",
    "Endpoint",
    "Number",
    "Recording",
    "Request",
    "Subaccount",
    "Transcription",
    "Trunk",
    "VerifiedCallerId",
)


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
async def test_no_path_leads_elsewhere(server: Server, name: str) -> None:
    """Nothing has such a name: nothing is found, and nothing breaks."""
    main = server.main
    transport = httpx.ASGITransport(server.app)
    auth = (main.auth_id, main.auth_token)
    wrong = []
    async with httpx.AsyncClient(transport=transport, auth=auth) as client:
        for kind in KINDS:
            for ending in ("/", "/Record/", "/Member/1/Mute/", ".mp3"):
                for method in ("GET", "DELETE"):
                    path = f"/v1/Account/{main.auth_id}/{kind}/{name}{ending}"
                    url = httpx.URL("http://api", raw_path=path.encode())
                    status = (await client.request(method, url)).status_code
                    if status not in {400, 401, 404, 405}:
                        wrong.append(f"{method} {kind} {ending}: {status}")

    assert not wrong
