"""Files of recordings over HTTP: whole, in parts, and to whom (6)."""

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import time_machine

from tests.api.conftest import Server, serving
from tests.api.recordings import keep
from tests.recordings.kept import some_bytes
from voiceplat.calls.recording import FileFormat, Recording
from voiceplat.core.clock import utc_now
from voiceplat.core.settings import Settings

pytestmark = pytest.mark.redis

CONTENT = some_bytes(3 * 1024 * 1024 + 5)
SIZE = len(CONTENT)


@pytest.fixture
async def anybody(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    """Whoever knows an address."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(server.app), base_url="http://api"
    ) as client:
        yield client


def with_access(settings: Settings, access: str) -> Settings:
    recordings = settings.recordings.model_copy(update={"access": access})
    return settings.model_copy(update={"recordings": recordings})


def path_of(recording: Recording) -> str:
    order = recording.order
    return f"/v1/Account/{order.account}/Recording/{order.id}.{order.format}"


async def test_a_file_is_fetched_by_whoever_knows_its_address(
    server: Server, anybody: httpx.AsyncClient, tmp_path: Path
) -> None:
    kept = await keep(server, tmp_path, CONTENT)

    answer = await anybody.get(path_of(kept))

    assert answer.status_code == 200
    assert answer.content == CONTENT
    assert answer.headers["content-type"] == "audio/mpeg"
    assert answer.headers["content-length"] == str(SIZE)
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"] == f'"{hashlib.sha256(CONTENT).hexdigest()}"'


async def test_a_wav_is_fetched_as_a_wav(
    server: Server, anybody: httpx.AsyncClient, tmp_path: Path
) -> None:
    kept = await keep(server, tmp_path, b"RIFF", format=FileFormat.WAV)

    answer = await anybody.get(path_of(kept))

    assert answer.headers["content-type"] == "audio/wav"
    assert (await anybody.get(path_of(kept)[:-3] + "mp3")).status_code == 404


async def test_head_tells_of_the_file_without_it(
    server: Server, anybody: httpx.AsyncClient, tmp_path: Path
) -> None:
    kept = await keep(server, tmp_path, CONTENT)

    answer = await anybody.head(path_of(kept))

    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(SIZE)


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-0", range(1)),
        ("bytes=0-99", range(100)),
        ("Bytes=100-", range(100, SIZE)),
        ("bytes=1048570-1048580", range(1048570, 1048581)),
        ("bytes=-5", range(SIZE - 5, SIZE)),
        (f"bytes=-{SIZE + 9}", range(SIZE)),
        (f"bytes={SIZE - 1}-{SIZE + 50}", range(SIZE - 1, SIZE)),
    ],
)
async def test_a_part_is_fetched(
    server: Server,
    anybody: httpx.AsyncClient,
    tmp_path: Path,
    asked: str,
    part: range,
) -> None:
    kept = await keep(server, tmp_path, CONTENT)

    answer = await anybody.get(path_of(kept), headers={"Range": asked})

    assert answer.status_code == 206
    assert answer.content == CONTENT[part.start : part.stop]
    assert answer.headers["content-range"] == f"bytes {part[0]}-{part[-1]}/{SIZE}"
    assert answer.headers["content-length"] == str(len(part))


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", "bytes=99999999-", "bytes=-0"])
async def test_a_part_that_is_not_there_is_416(
    server: Server, anybody: httpx.AsyncClient, tmp_path: Path, asked: str
) -> None:
    kept = await keep(server, tmp_path, CONTENT)

    answer = await anybody.get(path_of(kept), headers={"Range": asked})

    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,3-4", "bytes=9-3", "bytes=-", "lines=1-2", "bytes=x-y", ""]
)
async def test_what_cannot_be_read_as_one_part_is_answered_with_the_whole(
    server: Server, anybody: httpx.AsyncClient, tmp_path: Path, asked: str
) -> None:
    kept = await keep(server, tmp_path, b"sound")

    answer = await anybody.get(path_of(kept), headers={"Range": asked})

    assert (answer.status_code, answer.content) == (200, b"sound")


async def test_a_file_that_the_client_has_is_not_sent_again(
    server: Server, anybody: httpx.AsyncClient, tmp_path: Path
) -> None:
    kept = await keep(server, tmp_path, b"sound")
    etag = (await anybody.head(path_of(kept))).headers["etag"]

    same = await anybody.get(path_of(kept), headers={"If-None-Match": etag})
    part = {"Range": "bytes=0-1", "If-Range": etag}
    other = {"Range": "bytes=0-1", "If-Range": '"another"'}

    assert (same.status_code, same.content) == (304, b"")
    assert (await anybody.get(path_of(kept), headers=part)).status_code == 206
    assert (await anybody.get(path_of(kept), headers=other)).status_code == 200


@pytest.mark.parametrize(
    "file",
    [
        "..%2f..%2fetc%2fpasswd.mp3",
        "..mp3",
        "x.mp3",
        "%00.mp3",
        "00000000-0000-0000-0000-000000000000.mp3",
    ],
)
async def test_no_other_file_can_be_named(
    server: Server, anybody: httpx.AsyncClient, file: str
) -> None:
    path = f"/v1/Account/{server.main.auth_id}/Recording/{file}"

    assert (await anybody.get(path)).status_code in {401, 404}


async def test_a_file_is_not_at_another_account_s_address(
    server: Server, anybody: httpx.AsyncClient, tmp_path: Path
) -> None:
    kept = await keep(server, tmp_path, b"sound", account=server.sub.auth_id)
    path = path_of(kept).replace(server.sub.auth_id, server.main.auth_id)

    assert (await anybody.get(path)).status_code == 404


async def test_a_storage_that_is_away_is_503(
    server: Server, anybody: httpx.AsyncClient, tmp_path: Path
) -> None:
    kept = await keep(server, tmp_path, b"sound")
    [file] = (tmp_path / "recordings").rglob("*.mp3")
    file.unlink()
    file.mkdir()

    answer = await anybody.get(path_of(kept))

    assert answer.status_code == 503
    assert "recordings folder" in answer.json()["error"]


# --- access --------------------------------------------------------------------------


async def test_a_signed_link_opens_its_file_until_it_expires(
    settings: Settings, tmp_path: Path
) -> None:
    async with serving(with_access(settings, "signed")) as server:
        kept = await keep(server, tmp_path, b"sound")
        async with server.client(server.main) as api:
            shown = (await api.get(f"Recording/{kept.order.id}/")).json()
        link = httpx.URL(shown["recording_url"])
        transport = httpx.ASGITransport(server.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://api"
        ) as client:

            async def status(url: httpx.URL) -> int:
                return (await client.get(url.raw_path.decode())).status_code

            opened = await client.get(link.raw_path.decode())
            other = await keep(server, tmp_path, b"other")
            others = link.copy_with(path=path_of(other))
            later = link.copy_set_param("expires", "99999999999")
            forged = link.copy_set_param("signature", "0" * 64)
            foreign = link.copy_set_param("signature", "ü")
            words = link.copy_set_param("expires", "²")
            bare = link.copy_with(query=None)

            assert opened.content == b"sound"
            for refused in (others, later, forged, foreign, words, bare):
                assert await status(refused) == 401
            with time_machine.travel(utc_now() + timedelta(days=7, seconds=1)):
                assert await status(link) == 401


async def test_basic_access_is_the_owner_s_alone(
    settings: Settings, tmp_path: Path
) -> None:
    async with serving(with_access(settings, "basic")) as server:
        mine = await keep(server, tmp_path, b"mine")
        subs = await keep(server, tmp_path, b"subs", account=server.sub.auth_id)
        transport = httpx.ASGITransport(server.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://api"
        ) as client:
            people = (server.main, server.sub, server.stranger)
            wrong = (server.main.auth_id, "wrong")
            keys = [(who.auth_id, who.auth_token) for who in people]

            async def statuses(recording: Recording) -> list[int]:
                path = path_of(recording)
                answers = [await client.get(path, auth=key) for key in (*keys, wrong)]
                return [it.status_code for it in (*answers, await client.get(path))]

            assert await statuses(mine) == [200, 401, 401, 401, 401]
            assert await statuses(subs) == [401, 200, 401, 401, 401]
