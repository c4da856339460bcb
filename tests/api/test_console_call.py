"""One call's page: its story, whose business it is, and how it is ended."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile
import uvicorn

from tests.api.conftest import Client, Server
from tests.api.moments import failed_call, note, sip
from tests.api.recordings import keep
from tests.api.test_call_records import ended, record
from tests.api.test_live_calls import answered_call, queue_call
from tests.api.viewer import Viewer, logged_in
from tests.api.worker import working
from tests.servers.free_ports import free_port
from voiceplat.bus.commands import Hangup
from voiceplat.calls.status import Direction
from voiceplat.core.clock import utc_now

pytestmark = pytest.mark.redis


async def story(viewer: Viewer, uuid: str) -> dict[str, Any]:
    answer = await viewer.get(f"call/{uuid}")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_the_story_says_what_happened(server: Server) -> None:
    call = ended(server, cause=7012, source="Error", direction=Direction.INBOUND)
    await record(server, call)
    await note(server, call.call.uuid, failed_call(call.call.initiated_at))
    viewer = await logged_in(server, server.main)

    told = await story(viewer, call.call.uuid)

    verdict = told["verdict"]
    assert verdict["tone"] == "bad"
    assert verdict["title"] == "An action URL gave no usable answer."
    assert verdict["reason"] == "POST https://app.example/action: answered 500"
    [decided] = [it for it in told["moments"] if it["id"] == verdict["moment"]]
    assert decided["moment"]["purpose"] == "action"
    assert decided["is_bad"]
    lanes = [(it["source"], it["target"]) for it in told["moments"]]
    assert lanes == [
        ("far", "edge"),
        ("edge", "worker"),
        ("worker", "server"),
        ("worker", "worker"),
        ("far", "worker"),
        ("worker", "worker"),
        ("worker", "server"),
        ("worker", "worker"),
    ]
    assert "signed" in decided["moment"]


async def test_a_refused_call_shows_the_answer_that_refused_it(server: Server) -> None:
    call = ended(server, cause=3010, talked_s=0)
    await record(server, call)
    at = call.call.initiated_at
    await note(
        server,
        call.call.uuid,
        [
            sip(at, "192.0.2.44:5060", "127.0.0.1:5060", "SIP/2.0 401 Unauthorized"),
            sip(at, "192.0.2.44:5060", "127.0.0.1:5060", "SIP/2.0 486 Busy Here"),
        ],
    )
    viewer = await logged_in(server, server.main)

    told = await story(viewer, call.call.uuid)

    assert told["verdict"]["tone"] == "plain"
    assert told["verdict"]["reason"] == "486 Busy Here"
    assert [it["is_bad"] for it in told["moments"]] == [False, True]


async def test_legs_are_told_together_whichever_is_asked_for(server: Server) -> None:
    first = ended(server, talked_s=30)
    uuid = first.call.uuid
    later = first.call.initiated_at + timedelta(seconds=5)
    second = ended(server, parent_uuid=uuid, initiated_at=later)
    await record(server, first, second)
    await note(server, uuid, failed_call(first.call.initiated_at))
    await note(server, second.call.uuid, failed_call(later))
    viewer = await logged_in(server, server.main)

    by_first = await story(viewer, uuid)
    by_second = await story(viewer, second.call.uuid)

    wanted = [uuid, second.call.uuid]
    assert [leg["uuid"] for leg in by_first["legs"]] == wanted
    assert [leg["uuid"] for leg in by_second["legs"]] == wanted
    assert by_second["uuid"] == second.call.uuid
    assert {it["leg"] for it in by_first["moments"]} == {0, 1}
    assert ("other", "edge") in {
        (it["source"], it["target"]) for it in by_first["moments"]
    }


async def test_a_call_is_nobody_elses_business(server: Server, api: Client) -> None:
    own, subs = ended(server), ended(server, account=server.sub.auth_id)
    await record(server, own, subs)
    live = await queue_call(api)
    stranger = await logged_in(server, server.stranger)
    sub = await logged_in(server, server.sub)
    main = await logged_in(server, server.main)

    for uuid in (own.call.uuid, subs.call.uuid, live):
        assert (await stranger.get(f"call/{uuid}")).status_code == 404
        assert (await stranger.get(f"call/{uuid}/events")).status_code == 404
        assert (await stranger.post(f"call/{uuid}/hangup")).status_code == 404
        assert (await main.get(f"call/{uuid}")).status_code == 200
    assert (await sub.get(f"call/{own.call.uuid}")).status_code == 404
    assert (await sub.get(f"call/{subs.call.uuid}")).status_code == 200
    assert (await main.get("call/no-uuid")).status_code == 400


async def test_a_live_call_is_hung_up(server: Server, api: Client) -> None:
    viewer = await logged_in(server, server.main)
    async with working(server.bus) as worker:
        uuid = await answered_call(server, api, worker)
        told = await story(viewer, uuid)
        answer = await viewer.post(f"call/{uuid}/hangup")

        assert told["verdict"]["tone"] == "live"
        assert answer.status_code == 204
        assert isinstance(worker.commands[0], Hangup)
    assert (await viewer.post(f"call/{uuid}/hangup")).status_code == 404


# --- recordings ----------------------------------------------------------------------


def beep_then_silence() -> bytes:
    """Two channels; the left one is loud in its first half."""
    sound = np.zeros((16000, 2), np.float32)
    sound[:8000, 0] = 0.8 * np.sin(np.arange(8000) * 0.5)
    file = io.BytesIO()
    soundfile.write(file, sound, 8000, format="MP3")
    return file.getvalue()


async def test_a_recording_is_drawn_and_played(server: Server, tmp_path: Path) -> None:
    call = ended(server)
    await record(server, call)
    content = beep_then_silence()
    uuid = call.call.uuid
    kept = await keep(server, tmp_path, content, call_uuid=uuid, duration_s=2)
    viewer = await logged_in(server, server.main)

    [shown] = (await story(viewer, uuid))["recordings"]
    drawn = (await viewer.get(f"recording/{shown['id']}/waveform")).json()
    part = await viewer.get(
        f"recording/{shown['id']}/file", headers={"Range": "bytes=10-19"}
    )

    assert shown["id"] == kept.order.id
    left, right = drawn["channels"]
    assert 70 < max(left[10:190]) <= 100
    assert max(left[220:]) < 10
    assert max(right) < 10
    assert part.status_code == 206
    assert part.content == content[10:20]


async def test_a_recording_is_nobody_elses_to_hear(
    server: Server, tmp_path: Path
) -> None:
    kept = await keep(server, tmp_path, beep_then_silence())
    path = f"recording/{kept.order.id}"
    nobody, stranger = Viewer(server.app), await logged_in(server, server.stranger)

    for what in ("file", "waveform"):
        assert (await nobody.get(f"{path}/{what}")).status_code == 401
        assert (await stranger.get(f"{path}/{what}")).status_code == 404


# --- as it happens -------------------------------------------------------------------


@asynccontextmanager
async def listening(server: Server) -> AsyncIterator[str]:
    """The API on a port: what never ends is cancelled by a client that goes."""
    config = uvicorn.Config(
        server.app, port=free_port(), lifespan="off", log_config=None
    )
    serving = uvicorn.Server(config)
    task = asyncio.create_task(serving.serve())
    try:
        async with asyncio.timeout(20):
            while not serving.started:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{config.port}/console/api/"
    finally:
        serving.should_exit = True
        await task


async def news(lines: AsyncIterator[str]) -> dict[str, Any]:
    """The next thing told."""
    async with asyncio.timeout(20):
        async for line in lines:
            if line.startswith("data: "):
                told: dict[str, Any] = json.loads(line.removeprefix("data: "))
                return told
    raise AssertionError("the stream is over")


async def test_a_story_goes_on_with_what_is_new(server: Server, api: Client) -> None:
    viewer = await logged_in(server, server.main)
    async with working(server.bus) as worker, listening(server) as base:
        uuid = await answered_call(server, api, worker)
        moments = failed_call(utc_now())
        await note(server, uuid, moments[:3])
        async with (
            httpx.AsyncClient(base_url=base, cookies=dict(viewer.cookies)) as client,
            client.stream("GET", f"call/{uuid}/events") as stream,
        ):
            lines = aiter(stream.aiter_lines())
            first = await news(lines)
            await note(server, uuid, moments[3:])
            second = await news(lines)

    assert stream.headers["Content-Type"].startswith("text/event-stream")
    assert len(first["moments"]) == 3
    assert [it["moment"]["kind"] for it in second["moments"]] == [
        it.kind for it in moments[3:]
    ]


async def test_viewers_share_a_look_and_none_is_left(server: Server) -> None:
    viewer = await logged_in(server, server.main)
    cookies = dict(viewer.cookies)
    async with (
        listening(server) as base,
        httpx.AsyncClient(base_url=base, cookies=cookies) as client,
    ):
        async with (
            client.stream("GET", "overview/events") as one,
            client.stream("GET", "overview/events") as two,
        ):
            await news(aiter(one.aiter_lines()))
            await news(aiter(two.aiter_lines()))
            watched = server.app.state.watches.names
        async with asyncio.timeout(20):
            while server.app.state.watches.names:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    assert len(watched) == 1


async def test_a_page_that_follows_ends_with_its_session(server: Server) -> None:
    viewer = await logged_in(server, server.main)
    cookies = dict(viewer.cookies)
    async with (
        listening(server) as base,
        httpx.AsyncClient(base_url=base, cookies=cookies) as client,
        client.stream("GET", "overview/events") as stream,
    ):
        lines = aiter(stream.aiter_lines())
        await news(lines)
        await viewer.post("logout")
        async with asyncio.timeout(20):
            rest = [line async for line in lines]

    assert "event: over" in rest
